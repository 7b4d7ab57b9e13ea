/** How contenders are measured beside each other, and how that is reported. */
package io.modelcontrol.bench.report;

/** What sessions cost: to make them, to hold them, and to serve their requests. */
package io.modelcontrol.bench.session;

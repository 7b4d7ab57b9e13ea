/** What a hop over the event bus costs, within a process and between two nodes. */
package io.modelcontrol.bench.bus;

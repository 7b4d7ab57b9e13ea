/**
 * What the parts of a node tell of their work, and the trace context that goes with a request.
 * Decides nothing and records nothing: {@code observe} does, where it is installed.
 */
package io.modelcontrol.telemetry;

/**
 * A session and its streams as pure state machines: negotiation, windows, keepalive, drain. No
 * input or output, no clock, no thread: frames and the time go in, frames and events come out, so
 * that a simulation or a fuzzer can drive years of traffic.
 */
package io.modelcontrol.session;

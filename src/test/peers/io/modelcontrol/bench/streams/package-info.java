/**
 * What it costs to hold 10,000 streams open on one session, by this project and by its peers:
 * {@link io.modelcontrol.bench.streams.StreamsSuite}.
 */
package io.modelcontrol.bench.streams;

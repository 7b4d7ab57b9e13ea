/**
 * The conformance suite: what a server that speaks the protocol answers to each of many inputs,
 * right and wrong, over a plain socket. It has its own encoder, so that an error of {@code wire}
 * cannot hide itself, and knows no more of any implementation than the specification publishes.
 */
package io.modelcontrol.conformance;

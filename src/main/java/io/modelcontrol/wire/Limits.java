package io.modelcontrol.wire;

/**
 * What the announcer accepts from the other end. Contract 2 and 4; 0 is "not announced". Values
 * from 2^31 up, which the wire can carry, are cut to {@link Integer#MAX_VALUE}.
 *
 * @param maxConcurrentStreams open streams
 * @param streamWindow bytes
 * @param sessionWindow bytes
 * @param maxMessageSize bytes
 * @param keepaliveMs milliseconds
 */
public record Limits(
    int maxConcurrentStreams,
    int streamWindow,
    int sessionWindow,
    int maxMessageSize,
    int keepaliveMs) {}

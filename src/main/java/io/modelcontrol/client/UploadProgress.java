package io.modelcontrol.client;

/**
 * How far an upload is.
 *
 * @param receivedBytes that the server has taken, from the beginning of the model
 * @param totalBytes of the model
 */
public record UploadProgress(long receivedBytes, long totalBytes) {}

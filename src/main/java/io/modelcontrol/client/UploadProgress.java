package io.modelcontrol.client;

/**
 * How far an upload is.
 *
 * @param receivedBytes that the server has taken, from the beginning of the model, whoever sent
 *     them and whenever
 * @param totalBytes of the model
 * @param sentBytes of the model that this client has sent, also more than once, since the load
 *     began
 */
public record UploadProgress(long receivedBytes, long totalBytes, long sentBytes) {}

package io.modelcontrol.client.impl;

import io.modelcontrol.McpException;
import io.modelcontrol.session.transport.McpStream;
import io.vertx.core.Promise;

/** Waits for a stream and hands it to the application, whose it is from then on. */
final class StreamOpening extends Exchange {
  private final Promise<McpStream> opened;

  StreamOpening(ClientConnection connection, long timeoutMs, Promise<McpStream> opened) {
    super(connection, timeoutMs);
    this.opened = opened;
  }

  @Override
  void opened(McpStream stream) {
    stream.exceptionHandler(null);
    finish();
    opened.complete(stream);
  }

  @Override
  void failed(McpException error) {
    opened.fail(error);
  }
}

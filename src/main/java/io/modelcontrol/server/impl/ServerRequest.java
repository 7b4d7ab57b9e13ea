package io.modelcontrol.server.impl;

import io.modelcontrol.McpException;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.server.McpServerSession;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.wire.Message;
import io.vertx.core.Future;

record ServerRequest(
    McpServerSession session, McpStream stream, Message message, RunningWork running)
    implements McpServerRequest {

  @Override
  public void occupy(Future<?> work) {
    running.add(message, work);
  }

  @Override
  public Future<Void> reply(Message last) {
    return stream.end(last);
  }

  @Override
  public Future<Void> fail(Throwable failure) {
    return stream.end(Message.error(McpException.of(failure)).traceparent(message.traceparent()));
  }
}

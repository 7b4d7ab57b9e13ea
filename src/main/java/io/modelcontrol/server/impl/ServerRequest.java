package io.modelcontrol.server.impl;

import io.modelcontrol.McpException;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.telemetry.Activity;
import io.modelcontrol.wire.Message;
import io.vertx.core.Future;

record ServerRequest(
    SessionVerticle session,
    McpStream stream,
    Message message,
    RunningWork running,
    Activity activity)
    implements McpServerRequest {

  @Override
  public void occupy(Future<?> work) {
    running.add(message, work);
  }

  @Override
  public Future<Void> reply(Message last) {
    session.ended(message, last.status());
    if (last.status().isError()) {
      activity.passOn(McpException.streamError(last.status(), last.statusText()));
    } else {
      activity.end();
    }
    return stream.end(last);
  }

  @Override
  public Future<Void> fail(Throwable failure) {
    McpException error = McpException.of(failure);
    session.ended(message, error.code());
    activity.fail(error);
    return stream.end(Message.error(error).traceparent(message.traceparent()));
  }
}

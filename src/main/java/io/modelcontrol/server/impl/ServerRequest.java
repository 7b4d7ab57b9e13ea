package io.modelcontrol.server.impl;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.ErrorLayer;
import io.modelcontrol.McpException;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.telemetry.Activity;
import io.modelcontrol.telemetry.TraceContext;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.Future;
import java.util.EnumSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

record ServerRequest(
    SessionVerticle session,
    McpStream stream,
    Message message,
    RunningWork running,
    Activity activity)
    implements McpServerRequest {

  private static final Logger LOG = LoggerFactory.getLogger("io.modelcontrol.server.Request");
  private static final PeerLog PEERS = new PeerLog();

  /** What a client has brought upon itself, or has chosen. */
  private static final Set<ErrorCode> CALLERS =
      EnumSet.of(ErrorCode.REQUEST_CANCELED, ErrorCode.DEADLINE_EXCEEDED, ErrorCode.OVERLOADED);

  @Override
  public void occupy(Future<?> work) {
    running.add(message, work);
  }

  @Override
  public Future<Void> reply(Message last) {
    session.ended(message, last.status());
    if (last.status().isError()) {
      McpException error = McpException.streamError(last.status(), last.statusText());
      activity.passOn(error);
      log(error);
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
    log(error);
    return stream.end(Message.error(error).traceparent(message.traceparent()));
  }

  /** What is the node's fault, or that of its models, with the trace that the client knows. */
  private void log(McpException error) {
    boolean ours =
        ErrorLayer.of(error.code().code()) == ErrorLayer.INFRASTRUCTURE
            && !CALLERS.contains(error.code());
    if (ours && PEERS.mayLog()) {
      TraceContext trace = TraceContext.of(message.traceparent(), null);
      LOG.warn(
          "request failed: type={} model={} code={}{}: {}",
          MessageType.describe(message.type()),
          printable(message.modelName()),
          error.code(),
          trace == null ? "" : " trace_id=" + trace.traceId(),
          error.getMessage());
    }
  }

  /** The client's own word. */
  private static String printable(String nameOrNull) {
    String name = String.valueOf(nameOrNull).replaceAll("[^a-zA-Z0-9._-]", "?");
    return name.substring(0, Math.min(name.length(), 64));
  }
}

package io.modelcontrol.runtime;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.wire.Message;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;

/**
 * MCP messages over the event bus: the same values as on the wire, by reference within a process,
 * in the wire's encoding between processes. Whoever receives a message owns it.
 *
 * <p>The bus is best effort: a message may be lost and subscriptions of a dead node linger. So each
 * request has a time limit, and every failure comes back as a typed error.
 */
public final class MessageBus {
  /** The address of any node that hosts models: loads go to one of them. */
  public static final String HOSTS = "mcp.host";

  /** Where hosts announce what they have. */
  public static final String CATALOG = "mcp.catalog";

  /** Where a newcomer asks all hosts for their announcement. */
  public static final String CATALOG_QUERY = "mcp.catalog.query";

  /** Where a caller says that it no longer wants an answer; the body is the call id. */
  public static final String CANCEL = "mcp.cancel";

  /** Header: names the call for {@link #CANCEL}. */
  public static final String CALL_ID = "call";

  /** Header of a request: who asks, unless nobody has said who they are. */
  public static final String IDENTITY = "identity";

  /** Header: the address of the host that answers, or that announces. */
  public static final String HOST = "host";

  /** Header of a load: whoever asks for it has none of the roles that are trusted. */
  public static final String UNTRUSTED = "untrusted";

  /** Header: names an upload that is under way on a host. */
  public static final String UPLOAD = "upload";

  /**
   * Header to a host: the piece of a content that begins at this offset is wanted; the digest names
   * the content.
   */
  public static final String FETCH = "fetch";

  /**
   * Header of a first request: opens a call that goes on, a sequence or a generation; the value is
   * the address where its events go. The answer names the {@link #STEPS} address.
   */
  public static final String OPEN = "open";

  /** Header of an answer: where a call that was opened takes steps, credit and its end. */
  public static final String STEPS = "steps";

  /** Header to a {@link #STEPS} address: so many results more are wanted; 0 says still here. */
  public static final String CREDIT = "credit";

  /** Header to a {@link #STEPS} address: the call has ended, nobody waits for an answer. */
  public static final String CLOSE = "close";

  /** Header of an event to the opener's address: it is the last one of its call. */
  public static final String LAST = "last";

  private final EventBus bus;

  public MessageBus(Vertx vertx) {
    bus = vertx.eventBus();
    MessageBusCodec.register(bus);
  }

  /** The address of the workers of a model: of its active version, or of the one that is named. */
  public static String modelAddress(String name, String versionOrNull) {
    return versionOrNull == null ? "mcp.model." + name : "mcp.model." + name + "/" + versionOrNull;
  }

  /** The address of a host that has a part of a content, where a load goes on best. */
  public static String uploadAddress(Digest digest) {
    return "mcp.upload." + digest;
  }

  public EventBus eventBus() {
    return bus;
  }

  /** Options that carry a message by its codec. */
  public static DeliveryOptions delivery() {
    return new DeliveryOptions().setCodecName(MessageBusCodec.NAME);
  }

  /**
   * Sends a request and gives its ownership away, whatever becomes of it.
   *
   * @return the answer, which may be a STATUS with an error; failed with SERVICE_UNAVAILABLE if
   *     nobody listens, DEADLINE_EXCEEDED if no answer came in time
   */
  public Future<io.vertx.core.eventbus.Message<Message>> request(
      String address, Message request, DeliveryOptions options) {
    return bus.<Message>request(address, request, options)
        .recover(failure -> Future.failedFuture(typed(failure, request)));
  }

  private static McpException typed(Throwable failure, Message request) {
    ReplyFailure kind =
        failure instanceof ReplyException reply ? reply.failureType() : ReplyFailure.ERROR;
    if (kind == ReplyFailure.NO_HANDLERS) {
      request.release();
      return McpException.streamError(
          ErrorCode.SERVICE_UNAVAILABLE, "nobody serves the request at this moment", failure);
    }
    if (kind == ReplyFailure.TIMEOUT) {
      return McpException.streamError(
          ErrorCode.DEADLINE_EXCEEDED, "no answer came before the deadline", failure);
    }
    return McpException.streamError(
        ErrorCode.SERVICE_UNAVAILABLE, "the node that served the request is gone", failure);
  }
}

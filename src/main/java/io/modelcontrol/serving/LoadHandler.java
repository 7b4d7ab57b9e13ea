package io.modelcontrol.serving;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelId;
import io.modelcontrol.runtime.MessageBus;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.server.McpServerSession;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.eventbus.DeliveryOptions;
import java.util.Collections;

/**
 * MODEL_LOAD_REQ: asks a model host to load; where it lacks the content, passes the client's pieces
 * on, the next one when the host has written the last, so that the disk's pace is the client's.
 * Contract 3, Load.
 */
final class LoadHandler {
  private final MessageBus bus;
  private final ServingOptions options;

  LoadHandler(MessageBus bus, ServingOptions options) {
    this.bus = bus;
    this.options = options;
  }

  private DeliveryOptions delivery() {
    return MessageBus.delivery().setSendTimeout(options.getLoadTimeoutMs());
  }

  private DeliveryOptions delivery(McpServerSession session) {
    DeliveryOptions delivery = delivery();
    return Collections.disjoint(session.roles(), options.getTrustedRoles())
        ? delivery.addHeader(MessageBus.UNTRUSTED, "")
        : delivery;
  }

  /** One client that loads one model. */
  static final class Exchange {
    private final LoadHandler handler;
    private final McpServerRequest request;
    private String host;
    private String upload;
    private boolean clientEnded;
    private boolean asking = true;
    private boolean ended;

    Exchange(LoadHandler handler, McpServerRequest request) {
      this.handler = handler;
      this.request = request;
      request.stream().pause();
      request.stream().exceptionHandler(canceled -> abort());
      request.stream().endHandler(v -> onClientEnd());
      begin(request.message());
    }

    private void begin(Message first) {
      try {
        first.validate();
        new ModelId(first.modelName(), first.modelVersion());
        if (first.digest() == null) {
          throw McpException.streamError(
              ErrorCode.INVALID_ARGUMENT, "model SHA-256 (field 0x12) is missing");
        }
      } catch (McpException e) {
        first.release();
        fail(e);
        return;
      }
      handler
          .bus
          .request(MessageBus.HOSTS, first, handler.delivery(request.session()))
          .onComplete(this::onBegun, this::fail);
    }

    private void onBegun(io.vertx.core.eventbus.Message<Message> answer) {
      host = answer.headers().get(MessageBus.HOST);
      upload = answer.headers().get(MessageBus.UPLOAD);
      if (ended) {
        abortUpload();
        return;
      }
      request.stream().handler(this::onContent);
      onProgress(answer);
    }

    private void onContent(Message content) {
      if (content.standardType() != MessageType.MODEL_LOAD_REQ || content.content() == null) {
        content.release();
        fail(
            McpException.streamError(
                ErrorCode.INVALID_ARGUMENT, "content (field 0x15) was expected on this stream"));
        return;
      }
      asking = true;
      handler
          .bus
          .request(host, content, handler.delivery().addHeader(MessageBus.UPLOAD, upload))
          .onComplete(this::onProgress, this::fail);
    }

    private void onProgress(io.vertx.core.eventbus.Message<Message> answer) {
      Message status = answer.body();
      asking = false;
      if (ended) {
        return;
      }
      if (status.status() != ErrorCode.CONTINUE) {
        ended = true;
        request.reply(status);
        return;
      }
      if (clientEnded) {
        failIncomplete();
        return;
      }
      request.stream()
          .write(
              Message.of(MessageType.STATUS)
                  .status(ErrorCode.CONTINUE)
                  .contentOffset(status.contentOffset()));
      request.stream().fetch(1);
    }

    /** Nothing more comes; what was passed on last may still complete the content. */
    private void onClientEnd() {
      clientEnded = true;
      if (!ended && !asking) {
        failIncomplete();
      }
    }

    private void failIncomplete() {
      fail(
          McpException.streamError(
              ErrorCode.MODEL_DIGEST_MISMATCH, "the stream ended before the content was complete"));
    }

    private void fail(Throwable failure) {
      if (!ended) {
        ended = true;
        request.fail(failure);
        abortUpload();
      }
    }

    private void abort() {
      ended = true;
      abortUpload();
    }

    private void abortUpload() {
      if (upload != null) {
        DeliveryOptions delivery = MessageBus.delivery().addHeader(MessageBus.UPLOAD, upload);
        handler.bus.eventBus().send(host, Message.of(MessageType.MODEL_UNLOAD_REQ), delivery);
        upload = null;
      }
    }
  }
}

package io.modelcontrol.serving;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelId;
import io.modelcontrol.runtime.MessageBus;
import io.modelcontrol.runtime.ModelCatalog;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.server.McpServerSession;
import io.modelcontrol.wire.DeltaParameters;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.UploadParameters;
import io.vertx.core.Future;
import io.vertx.core.eventbus.DeliveryOptions;
import java.util.Collections;
import java.util.List;

/**
 * MODEL_LOAD_REQ and MODEL_UPDATE: asks a model host, that which has a part of the content if there
 * is one; an update goes on to all other hosts of the model, see {@link Rollout}. Where content is
 * missing, passes the client's pieces on, the next one when the host has written the last, so that
 * the disk's pace is the client's. Contract 3, Load.
 */
final class LoadHandler {
  /**
   * A host that does not answer a piece for so long is gone; the content is with it or elsewhere.
   */
  private static final int PIECE_TIMEOUT_MS = 30_000;

  private final MessageBus bus;
  private final ModelCatalog catalog;
  private final ServingOptions options;

  LoadHandler(MessageBus bus, ModelCatalog catalog, ServingOptions options) {
    this.bus = bus;
    this.catalog = catalog;
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

  /**
   * Asks the host whose model is updated; else the one that can go on with this content, or any.
   *
   * @param updated addresses of the hosts that have the model, if it is an update
   */
  private Future<io.vertx.core.eventbus.Message<Message>> ask(
      Message first, List<String> updated, DeliveryOptions delivery) {
    if (!updated.isEmpty()) {
      return bus.request(updated.get(0), first, delivery);
    }
    return bus.request(MessageBus.uploadAddress(first.digest()), first, delivery)
        .recover(
            failure ->
                McpException.of(failure).code() == ErrorCode.SERVICE_UNAVAILABLE
                    ? bus.request(MessageBus.HOSTS, first, delivery)
                    : Future.failedFuture(failure));
  }

  /** Passes on what belongs to an upload. */
  private Future<io.vertx.core.eventbus.Message<Message>> pass(
      String host, Message content, DeliveryOptions delivery) {
    return bus.request(host, content, delivery)
        .recover(
            failure ->
                McpException.of(failure).code() == ErrorCode.DEADLINE_EXCEEDED
                    ? Future.failedFuture(hostIsGone(failure))
                    : Future.failedFuture(failure));
  }

  private static McpException hostIsGone(Throwable failure) {
    return McpException.streamError(
        ErrorCode.SERVICE_UNAVAILABLE, "the node that takes the content does not answer", failure);
  }

  /** One client that loads one model. */
  static final class Exchange {
    private final LoadHandler handler;
    private final McpServerRequest request;
    private final MessageType type;
    private List<String> updated = List.of();
    private Message update;
    private long size;
    private String host;
    private String upload;
    private long toldOffset = -1;
    private boolean delta;
    private boolean clientEnded;
    private boolean asking = true;
    private boolean waiting;
    private boolean updating;
    private boolean ended;

    Exchange(LoadHandler handler, McpServerRequest request) {
      this.handler = handler;
      this.request = request;
      this.type = request.message().standardType();
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
      size = first.contentSize();
      if (type == MessageType.MODEL_UPDATE) {
        updated = handler.catalog.hostsOf(first.modelName());
        update = Rollout.again(first);
      }
      handler
          .ask(first, updated, handler.delivery(request.session()))
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
      if (content.standardType() != type || content.content() == null) {
        content.release();
        fail(
            McpException.streamError(
                ErrorCode.INVALID_ARGUMENT, "content (field 0x15) was expected on this stream"));
        return;
      }
      pass(content);
    }

    private void pass(Message content) {
      asking = true;
      // With chunks the host copies what it has, before and between pieces.
      delta |= DeltaParameters.is(content, DeltaParameters.CHUNKS);
      boolean mayComplete =
          delta
              || content.content() == null
              || content.contentOffset() + content.content().readableBytes() >= size;
      DeliveryOptions delivery = handler.delivery().addHeader(MessageBus.UPLOAD, upload);
      if (!mayComplete) {
        delivery.setSendTimeout(Math.min(PIECE_TIMEOUT_MS, delivery.getSendTimeout()));
      }
      handler.pass(host, content, delivery).onComplete(this::onProgress, this::fail);
    }

    private void onProgress(io.vertx.core.eventbus.Message<Message> answer) {
      Message status = answer.body();
      asking = false;
      if (ended) {
        return;
      }
      if (status.status() != ErrorCode.CONTINUE) {
        end(status);
        return;
      }
      updating = status.parameters().containsKey(UploadParameters.PHASE);
      if (updating) {
        upload = answer.headers().get(MessageBus.UPLOAD);
      } else if (clientEnded) {
        failIncomplete();
        return;
      }
      boolean waits = status.parameters().containsKey(UploadParameters.WAIT);
      boolean news =
          status.content() != null
              || waits != waiting
              || !waits
              || status.contentOffset() != toldOffset;
      if (news || updating) {
        tell(status);
      }
      waiting = waits;
      if (waiting) {
        // Answered when there is news.
        pass(Message.of(type));
      } else {
        request.stream().fetch(1);
      }
    }

    /** The first host has done with it; after an update the others of the model follow. */
    private void end(Message status) {
      if (status.status().isError() || updated.size() < 2) {
        ended = true;
        request.reply(status);
        return;
      }
      updating = true;
      new Rollout(
              handler.bus,
              update,
              host,
              updated.stream().filter(other -> !other.equals(host)).toList(),
              () -> handler.delivery(request.session()),
              this::tellProgress)
          .run(status)
          .onSuccess(
              outcome -> {
                if (!ended) {
                  ended = true;
                  request.reply(outcome);
                }
              });
    }

    private void tellProgress(Message status) {
      if (!ended) {
        tell(status);
      }
    }

    /** Tells the client how far the content is, and what the host says to it. */
    private void tell(Message status) {
      toldOffset = updating ? size : status.contentOffset();
      Message told =
          Message.of(MessageType.STATUS).status(ErrorCode.CONTINUE).contentOffset(toldOffset);
      status
          .parameters()
          .forEach(
              (key, value) -> {
                // The upload's name is between the nodes.
                if (!key.equals(MessageBus.UPLOAD)) {
                  told.parameter(key, value);
                }
              });
      told.content(status.content());
      request.stream().write(told);
    }

    /** Nothing more comes; what was passed on last may still complete the content. */
    private void onClientEnd() {
      clientEnded = true;
      if (!ended && !updating && (waiting || !asking)) {
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
      if (upload != null && !updating) {
        DeliveryOptions delivery = MessageBus.delivery().addHeader(MessageBus.UPLOAD, upload);
        handler.bus.eventBus().send(host, Message.of(MessageType.MODEL_UNLOAD_REQ), delivery);
        upload = null;
      }
    }
  }
}

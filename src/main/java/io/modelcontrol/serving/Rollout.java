package io.modelcontrol.serving;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelState;
import io.modelcontrol.runtime.MessageBus;
import io.modelcontrol.wire.DeltaParameters;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.UploadParameters;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.eventbus.DeliveryOptions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings an update that one host of a model has made to its other hosts, one after the other; the
 * content goes from host to host, so that the client's line carries it once. If a host refuses, all
 * that were updated before go back to the version before.
 */
final class Rollout {
  private static final Logger LOG = LoggerFactory.getLogger(Rollout.class);

  private final MessageBus bus;
  private final Message update;
  private final Supplier<DeliveryOptions> delivery;
  private final Consumer<Message> progress;
  private final Queue<String> left;
  private final List<String> updated = new ArrayList<>();
  private final Promise<Message> outcome = Promise.promise();
  private Message lastStatus;
  private String host;
  private String push;

  /**
   * An update of many hosts.
   *
   * @param update the request, without content; stays the caller's
   * @param source the host that has made it, and has the content
   * @param others the hosts that follow
   * @param delivery of requests that may take as long as a load
   * @param progress told a STATUS CONTINUE whenever a host goes on
   */
  Rollout(
      MessageBus bus,
      Message update,
      String source,
      Collection<String> others,
      Supplier<DeliveryOptions> delivery,
      Consumer<Message> progress) {
    this.bus = bus;
    this.update = update;
    this.delivery = delivery;
    this.progress = progress;
    left = new ArrayDeque<>(others);
    updated.add(source);
  }

  /** A request that asks for the same version, by the same policy. */
  static Message again(Message request) {
    Message copy =
        Message.of(request.standardType())
            .modelName(request.modelName())
            .modelVersion(request.modelVersion())
            .digest(request.digest())
            .contentSize(request.contentSize());
    request
        .parameters()
        .forEach(
            (key, value) -> {
              // What travels between hosts is the whole.
              if (!key.equals(DeltaParameters.DELTA)) {
                copy.parameter(key, value);
              }
            });
    return copy;
  }

  /**
   * Updates them.
   *
   * @param first the outcome of the host that has made it
   * @return the last outcome, or the error of the host that refused; not failed
   */
  Future<Message> run(Message first) {
    lastStatus = first;
    next();
    return outcome.future();
  }

  private void next() {
    host = left.poll();
    push = null;
    if (host == null) {
      outcome.complete(lastStatus);
    } else {
      ask(again(update));
    }
  }

  private void ask(Message request) {
    DeliveryOptions options = delivery.get();
    if (push != null) {
      options.addHeader(MessageBus.UPLOAD, push);
    }
    bus.request(host, request, options).onComplete(this::onAnswer, this::onFailure);
  }

  private void onAnswer(io.vertx.core.eventbus.Message<Message> answer) {
    Message status = answer.body();
    if (status.status() == ErrorCode.CONTINUE) {
      String name = answer.headers().get(MessageBus.UPLOAD);
      push = name == null ? push : name;
      goOn(status);
    } else if (status.status().isError()) {
      takeBack(McpException.streamError(status.status(), status.statusText()));
    } else {
      updated.add(host);
      lastStatus = status;
      next();
    }
  }

  private void goOn(Message status) {
    boolean updating = status.parameters().containsKey(UploadParameters.PHASE);
    progress.accept(
        updating
            ? status
            : Message.of(MessageType.STATUS)
                .status(ErrorCode.CONTINUE)
                .parameter(UploadParameters.PHASE, ModelState.LOADING.name()));
    if (updating || status.parameters().containsKey(UploadParameters.WAIT)) {
      ask(Message.of(MessageType.MODEL_UPDATE));
    } else {
      fetch(status.contentOffset());
    }
  }

  private void fetch(long offset) {
    Message which = Message.of(MessageType.MODEL_UPDATE).digest(update.digest());
    DeliveryOptions options = delivery.get().addHeader(MessageBus.FETCH, Long.toString(offset));
    bus.request(updated.get(0), which, options)
        .onComplete(piece -> onPiece(piece.body()), this::takeBackAfter);
  }

  private void takeBackAfter(Throwable failure) {
    takeBack(McpException.of(failure));
  }

  private void onPiece(Message piece) {
    McpException error = piece.toException();
    if (error == null) {
      ask(piece);
    } else {
      takeBack(error);
    }
  }

  /** A node that has gone serves no old version either. */
  private void onFailure(Throwable failure) {
    McpException error = McpException.of(failure);
    if (error.code() == ErrorCode.SERVICE_UNAVAILABLE && push == null) {
      LOG.warn("A node that served model {} is gone and was not updated", update.modelName());
      next();
    } else {
      takeBack(error);
    }
  }

  private void takeBack(McpException why) {
    List<Future<Boolean>> backs = new ArrayList<>();
    for (String each : updated) {
      Message back =
          Message.of(MessageType.MODEL_UPDATE)
              .modelName(update.modelName())
              .parameter(UploadParameters.ACTION, "rollback");
      backs.add(
          bus.request(each, back, delivery.get())
              .map(answer -> answer.body().status() == ErrorCode.OK)
              .otherwise(false));
    }
    Future.join(backs).onComplete(done -> outcome.complete(Message.error(refused(why, backs))));
  }

  private McpException refused(McpException why, List<Future<Boolean>> backs) {
    long stay = backs.stream().filter(back -> !back.result()).count();
    String others =
        stay == 0
            ? updated.size() + " nodes that were updated before went back"
            : stay + " nodes that were updated before could not go back";
    LOG.warn("The update of model {} was refused by a node; {}", update.modelName(), others);
    return McpException.streamError(
        why.code(), "on one of its nodes: " + why.getMessage() + "; " + others);
  }
}

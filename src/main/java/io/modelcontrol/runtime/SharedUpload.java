package io.modelcontrol.runtime;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.model.ModelStore;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.UploadParameters;
import io.vertx.core.Future;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * One content on its way into the store, and those who push it. One of them has the turn to send,
 * the others wait and are told how far it is; who falls silent or leaves loses the turn to another
 * one. What somebody sends out of turn is taken too, where it fits. On the host's context.
 */
final class SharedUpload {
  /** Who has the turn and brings nothing for so long loses it, if somebody waits. */
  private static final long TURN_MS = 5_000;

  /** What a content is to become; of the same digest and size there is one upload. */
  record Key(Digest digest, long size) {}

  final Key key;
  final Set<Pusher> pushers = new LinkedHashSet<>();
  private final Future<ModelStore.Upload> opened;
  private ModelStore.Upload content;
  private Pusher turn;

  /** Milliseconds without content, as far as the timer has seen. */
  long silentMs;

  /** Whether this host itself is busy with it, so that nobody is silent. */
  boolean working;

  long timer = -1;

  /** Set when all has arrived: the content in the store, or why it is not. */
  Future<?> committed;

  SharedUpload(Key key, Future<ModelStore.Upload> opened) {
    this.key = key;
    this.opened = opened;
    opened.onSuccess(upload -> content = upload);
  }

  /** How long a sender may be silent before another one gets the turn. */
  static long turnMs(long idleMs) {
    return Math.min(TURN_MS, Math.max(1, idleMs / 4));
  }

  Future<ModelStore.Upload> opened() {
    return opened;
  }

  /** What has arrived; null until it is opened. */
  ModelStore.Upload content() {
    return content;
  }

  boolean isComplete() {
    return content.offset() == key.size();
  }

  /** One more; a caller that comes again for the same version takes the turn from its past. */
  void join(Pusher pusher) {
    pushers.add(pusher);
    if (turn == null || turn.push.id().equals(pusher.push.id())) {
      turn = pusher;
    }
  }

  /** One less; somebody who waits gets the turn, if anybody does. */
  void leave(Pusher pusher) {
    pushers.remove(pusher);
    if (turn == pusher) {
      turn = null;
      passTurn();
    }
  }

  /** Lets somebody who waits send. */
  void passTurn() {
    Pusher next =
        pushers.stream()
            .filter(Pusher::isWaiting)
            .findFirst()
            .orElse(turn != null ? turn : pushers.stream().findFirst().orElse(null));
    if (next != null && next != turn) {
      turn = next;
      silentMs = 0;
      tell(next);
    }
  }

  /** Whether this one is to send. */
  boolean isTurnOf(Pusher pusher) {
    return pusher == turn;
  }

  boolean isAwaited() {
    return pushers.stream().anyMatch(Pusher::isWaiting);
  }

  /** Tells those who wait how far it is. */
  void tellWaiting() {
    pushers.forEach(this::tell);
  }

  private void tell(Pusher pusher) {
    if (pusher.isWaiting()) {
      pusher.tell(progress(pusher));
    }
  }

  /** How far it is, and whether this one is to send. */
  Message progress(Pusher pusher) {
    Message progress =
        Message.of(MessageType.STATUS).status(ErrorCode.CONTINUE).contentOffset(content.offset());
    return pusher == turn
        ? progress
        : progress.parameter(UploadParameters.WAIT, UploadParameters.YES);
  }
}

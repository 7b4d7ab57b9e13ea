package io.modelcontrol.runtime;

import io.modelcontrol.wire.Message;
import java.util.function.Consumer;

/** A job that goes on over several messages and keeps a model's state between them. */
abstract class StreamingJob extends Job {
  private final Consumer<Message> lastEvent;
  private long heardNanos;

  /**
   * A job.
   *
   * @param lastEvent sends the opener the last event of the call
   */
  StreamingJob(String callId, boolean parked, Consumer<Message> lastEvent) {
    super(callId, parked);
    this.lastEvent = lastEvent;
  }

  final void sendLast(Message event) {
    lastEvent.accept(event);
  }

  /** The caller was heard; on the host's context only. */
  final void heard(long nowNanos) {
    heardNanos = nowNanos;
  }

  /** Whether nothing happens and the caller is silent; on the host's context only. */
  final boolean isIdle(long nowNanos, long idleNanos) {
    return isParked() && nowNanos - heardNanos >= idleNanos;
  }

  @Override
  final boolean isCounted() {
    return false;
  }
}

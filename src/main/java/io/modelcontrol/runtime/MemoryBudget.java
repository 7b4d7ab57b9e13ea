package io.modelcontrol.runtime;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;

/** How much memory the loaded models of a node take, and how much they may. Thread-safe. */
final class MemoryBudget {
  /** What one model takes, from before its load until it is closed. */
  final class Reservation {
    private long bytes;
    private boolean ended;

    private Reservation(long bytes) {
      this.bytes = bytes;
    }

    /** What it takes is known now; may exceed the budget, because it is taken already. */
    void correct(long newBytes) {
      synchronized (MemoryBudget.this) {
        if (!ended) {
          usedBytes += newBytes - bytes;
          bytes = newBytes;
        }
      }
    }

    /** The model is closed; does nothing the second time. */
    void release() {
      synchronized (MemoryBudget.this) {
        if (!ended) {
          ended = true;
          usedBytes -= bytes;
        }
      }
    }

    long bytes() {
      synchronized (MemoryBudget.this) {
        return bytes;
      }
    }
  }

  private final long limitBytes;
  private long usedBytes;

  /**
   * A budget.
   *
   * @param limitBytes of all models together
   */
  MemoryBudget(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  /** Reserves memory for a model; {@code null} if that much is not left. */
  synchronized Reservation reserve(long bytes) {
    if (bytes > limitBytes - usedBytes) {
      return null;
    }
    usedBytes += bytes;
    return new Reservation(bytes);
  }

  /** Whether a model fits when no other is loaded. */
  boolean canEverHold(long bytes) {
    return bytes <= limitBytes;
  }

  synchronized long usedBytes() {
    return usedBytes;
  }

  long limitBytes() {
    return limitBytes;
  }

  /** The refusal of a model that takes so much. */
  synchronized McpException exhausted(long bytes) {
    return McpException.streamError(
        ErrorCode.RESOURCE_EXHAUSTED,
        "the model takes about "
            + bytes
            + " bytes of memory; of "
            + limitBytes
            + " bytes for models "
            + Math.max(0, limitBytes - usedBytes)
            + " are left");
  }
}

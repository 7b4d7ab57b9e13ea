package io.modelcontrol.serving;

import java.nio.ByteBuffer;

/**
 * What an {@link IdempotencyLedger} keeps of one request: its key, the fingerprint of its payload,
 * and its waiters or its answer. Guarded by the ledger, which alone changes it.
 *
 * <p>Is its own key, and its own place among the finished ones, so that a request costs one object
 * here. Peers choose the keys: they can be compared, so that a map of keys that collide stays fast.
 */
final class LedgerEntry<A> implements Comparable<LedgerEntry<A>> {
  /** Where an entry is in its life; each leads to the next ones only. */
  enum State {
    /** The request executes, and somebody waits for it. */
    RUNNING,
    /** The answer is recorded. */
    DONE,
    /** Nothing is kept: it failed, nobody waits any more, or the answer was evicted. */
    GONE
  }

  private final long high;
  private final long low;
  private final long hash;
  private final long length;

  State state = State.RUNNING;
  IdempotencyLedger.Scope<A> scope;
  IdempotencyLedger.Waiter<A> runner;
  IdempotencyLedger.Waiter<A> waiters;
  A answer;
  long answerBytes;
  long finishedNanos;
  LedgerEntry<A> older;
  LedgerEntry<A> newer;

  /**
   * An entry for a request.
   *
   * @param requestId 16 bytes
   */
  LedgerEntry(byte[] requestId, Fingerprint payload) {
    ByteBuffer id = ByteBuffer.wrap(requestId);
    high = id.getLong();
    low = id.getLong();
    hash = payload.hash();
    length = payload.length();
  }

  boolean hasPayloadOf(LedgerEntry<A> other) {
    return hash == other.hash && length == other.length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LedgerEntry<?> entry && high == entry.high && low == entry.low;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(high * 31 + low);
  }

  @Override
  public int compareTo(LedgerEntry<A> other) {
    int byHigh = Long.compare(high, other.high);
    return byHigh == 0 ? Long.compare(low, other.low) : byHigh;
  }
}

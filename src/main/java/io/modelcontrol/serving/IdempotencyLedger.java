package io.modelcontrol.serving;

import io.modelcontrol.McpException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/**
 * One execution and one answer for each (identity, request id): whoever asks again while it runs
 * waits for the same run, whoever asks later gets the answer that was recorded. Contract 3, field
 * 0x01.
 *
 * <p>Only answers are recorded: a failure is told to those who wait and frees the key, so that a
 * retry executes. A run goes on while anyone waits for it, and is canceled when the last one has
 * left. Answers are kept for a window of time, so many of them and so many bytes for each identity,
 * and in all; beyond a bound those that finished first are evicted. What runs is never evicted.
 *
 * <p>Thread-safe: the sessions of a server share it from all event loops. All state is behind one
 * lock, which is held for a look into a map, some links and the references of answers; waiters are
 * told outside of it.
 *
 * <p>Answers are reference-counted. The ledger takes over the one that {@link #complete} brings,
 * keeps what {@link Answers#keep} makes of it while it is recorded, and gives each waiter a
 * reference of its own.
 *
 * @param <A> the type of an answer
 */
final class IdempotencyLedger<A> {
  /** What is to be done with a request. */
  enum Claim {
    /** It is new: execute it, then tell {@link #complete} or {@link #fail}. */
    RUN,
    /** It runs already: its waiter will be told. */
    ATTACHED,
    /** It is answered: its waiter has been told. */
    ANSWERED,
    /** Its id was used with another payload. */
    CONFLICT,
    /** As many requests of its identity run as there may be records. */
    FULL
  }

  /** How the ledger handles answers. */
  interface Answers<A> {
    void retain(A answer);

    void release(A answer);

    /** What is recorded of an answer, which stays the caller's: one more reference, or a copy. */
    A keep(A answer);

    /** What an answer counts against the bounds. */
    long bytes(A answer);
  }

  /** Who waits for an answer. Told once, outside the lock, from any thread. */
  abstract static class Waiter<A> {
    private LedgerEntry<A> entry;
    private Waiter<A> next;

    /** The answer, one reference of which passes to the waiter. */
    abstract void answered(A answer);

    abstract void failed(McpException error);

    /** Called on the waiter that began the run: nobody waits for it any more. */
    abstract void cancelRun();
  }

  /**
   * The bounds.
   *
   * @param windowNanos how long an answer is kept
   * @param records requests of one identity that run or are kept
   * @param bytes bytes of answers that are kept for one identity
   * @param allRecords as records, for all identities together
   * @param allBytes as bytes, for all identities together
   */
  record Bounds(long windowNanos, long records, long bytes, long allRecords, long allBytes) {}

  /** What is kept for one identity. */
  static final class Scope<A> {
    private final String identity;
    private final Map<LedgerEntry<A>, LedgerEntry<A>> entries = new HashMap<>();
    private final ArrayDeque<LedgerEntry<A>> finished = new ArrayDeque<>();
    private long bytes;

    Scope(String identity) {
      this.identity = identity;
    }
  }

  private final Bounds bounds;
  private final Answers<A> answers;
  private final Map<String, Scope<A>> scopes = new HashMap<>();
  private LedgerEntry<A> oldest;
  private LedgerEntry<A> newest;
  private int records;
  private long bytes;
  private boolean closed;

  IdempotencyLedger(Bounds bounds, Answers<A> answers) {
    this.bounds = bounds;
    this.answers = answers;
  }

  /**
   * Claims a key for a request. An answer that is recorded is told to the waiter before this
   * returns.
   *
   * @param fresh made for this request; becomes the record if the request is new
   */
  Claim claim(String identity, LedgerEntry<A> fresh, Waiter<A> waiter, long nowNanos) {
    A recorded;
    synchronized (this) {
      evictOverdue(nowNanos);
      Scope<A> scope = scopes.computeIfAbsent(identity, Scope::new);
      LedgerEntry<A> known = scope.entries.putIfAbsent(fresh, fresh);
      if (known == null) {
        return begin(scope, fresh, waiter);
      }
      if (!known.hasPayloadOf(fresh)) {
        return Claim.CONFLICT;
      }
      if (known.state == LedgerEntry.State.RUNNING) {
        attach(known, waiter);
        return Claim.ATTACHED;
      }
      recorded = known.answer;
      answers.retain(recorded);
    }
    waiter.answered(recorded);
    return Claim.ANSWERED;
  }

  private Claim begin(Scope<A> scope, LedgerEntry<A> fresh, Waiter<A> waiter) {
    fresh.scope = scope;
    records++;
    if (scope.entries.size() > bounds.records && !scope.finished.isEmpty()) {
      evict(scope.finished.peekFirst());
    }
    if (records > bounds.allRecords && oldest != null) {
      evict(oldest);
    }
    if (scope.entries.size() > bounds.records || records > bounds.allRecords) {
      forget(fresh);
      return Claim.FULL;
    }
    fresh.runner = waiter;
    attach(fresh, waiter);
    return Claim.RUN;
  }

  private static <A> void attach(LedgerEntry<A> entry, Waiter<A> waiter) {
    assert waiter.entry == null : "a waiter waits once";
    waiter.entry = entry;
    waiter.next = entry.waiters;
    entry.waiters = waiter;
  }

  /** The run of a waiter that was told RUN has an answer, which is taken over. */
  void complete(Waiter<A> runner, A answer, long nowNanos) {
    LedgerEntry<A> entry = runner.entry;
    A kept = answers.keep(answer);
    long size = answers.bytes(kept);
    boolean recorded;
    Waiter<A> waiting;
    synchronized (this) {
      waiting = entry.waiters;
      entry.waiters = null;
      entry.runner = null;
      recorded = entry.state == LedgerEntry.State.RUNNING && record(entry, kept, size, nowNanos);
      for (Waiter<A> waiter = waiting; waiter != null; waiter = waiter.next) {
        answers.retain(answer);
      }
    }
    if (!recorded) {
      answers.release(kept);
    }
    while (waiting != null) {
      Waiter<A> next = waiting.next;
      waiting.answered(answer);
      waiting = next;
    }
    answers.release(answer);
  }

  /** Takes an answer over and keeps it; false if it alone is beyond the bounds, or at the end. */
  private boolean record(LedgerEntry<A> entry, A answer, long size, long nowNanos) {
    if (closed || size > Math.min(bounds.bytes, bounds.allBytes)) {
      forget(entry);
      return false;
    }
    Scope<A> scope = entry.scope;
    while (scope.bytes + size > bounds.bytes) {
      evict(scope.finished.peekFirst());
    }
    while (bytes + size > bounds.allBytes) {
      evict(oldest);
    }
    entry.state = LedgerEntry.State.DONE;
    entry.answer = answer;
    entry.answerBytes = size;
    entry.finishedNanos = nowNanos;
    scope.bytes += size;
    bytes += size;
    scope.finished.addLast(entry);
    entry.older = newest;
    if (newest == null) {
      oldest = entry;
    } else {
      newest.newer = entry;
    }
    newest = entry;
    return true;
  }

  /** The run of a waiter that was told RUN has failed: all who wait are told, the key is free. */
  void fail(Waiter<A> runner, McpException error) {
    LedgerEntry<A> entry = runner.entry;
    Waiter<A> waiting;
    synchronized (this) {
      waiting = entry.waiters;
      entry.waiters = null;
      entry.runner = null;
      if (entry.state == LedgerEntry.State.RUNNING) {
        forget(entry);
      }
    }
    while (waiting != null) {
      Waiter<A> next = waiting.next;
      waiting.failed(error);
      waiting = next;
    }
  }

  /**
   * A waiter no longer waits. If it was the last one, the key is free and the run is canceled.
   *
   * @return whether it was waiting, so that it will not be told
   */
  boolean leave(Waiter<A> waiter) {
    LedgerEntry<A> entry = waiter.entry;
    Waiter<A> canceled = null;
    synchronized (this) {
      if (entry == null || !remove(entry, waiter)) {
        return false;
      }
      if (entry.waiters == null) {
        canceled = entry.runner;
        entry.runner = null;
        forget(entry);
      }
    }
    if (canceled != null) {
      canceled.cancelRun();
    }
    return true;
  }

  private static <A> boolean remove(LedgerEntry<A> entry, Waiter<A> waiter) {
    if (entry.waiters == waiter) {
      entry.waiters = waiter.next;
      return true;
    }
    for (Waiter<A> before = entry.waiters; before != null; before = before.next) {
      if (before.next == waiter) {
        before.next = waiter.next;
        return true;
      }
    }
    return false;
  }

  /** Evicts what is older than the window. */
  synchronized void evictOverdue(long nowNanos) {
    while (oldest != null && nowNanos - oldest.finishedNanos >= bounds.windowNanos) {
      evict(oldest);
    }
  }

  /** Gives up all answers; what still runs is answered, and not recorded any more. */
  synchronized void close() {
    closed = true;
    while (oldest != null) {
      evict(oldest);
    }
  }

  /** Records that are kept, the running ones among them. */
  synchronized int records() {
    return records;
  }

  /** Bytes of the answers that are kept. */
  synchronized long bytes() {
    return bytes;
  }

  /** Identities that anything is kept for. */
  synchronized int identities() {
    return scopes.size();
  }

  /** The oldest of all is the oldest of its identity too: both orders are those of finishing. */
  private void evict(LedgerEntry<A> entry) {
    LedgerEntry<A> first = entry.scope.finished.pollFirst();
    assert entry.equals(first) : "what finished first goes first";
    unlink(entry);
    entry.scope.bytes -= entry.answerBytes;
    bytes -= entry.answerBytes;
    answers.release(entry.answer);
    entry.answer = null;
    forget(entry);
  }

  private void unlink(LedgerEntry<A> entry) {
    if (entry.older == null) {
      oldest = entry.newer;
    } else {
      entry.older.newer = entry.newer;
    }
    if (entry.newer == null) {
      newest = entry.older;
    } else {
      entry.newer.older = entry.older;
    }
  }

  private void forget(LedgerEntry<A> entry) {
    entry.state = LedgerEntry.State.GONE;
    Scope<A> scope = entry.scope;
    scope.entries.remove(entry);
    records--;
    if (scope.entries.isEmpty()) {
      scopes.remove(scope.identity);
    }
  }
}

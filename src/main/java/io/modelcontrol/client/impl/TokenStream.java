package io.modelcontrol.client.impl;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.client.GeneratedToken;
import io.modelcontrol.client.GenerationEnd;
import io.modelcontrol.client.McpGeneration;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayDeque;
import java.util.function.LongConsumer;

/**
 * The reader's side of a generation: tokens that have come and were not taken, at most as many as
 * the window has. Filled on the client's context, emptied on that of the reader; the lock guards
 * what both see, handlers run outside of it.
 */
final class TokenStream implements McpGeneration {
  private final ContextInternal reader;
  private final int window;
  private final Promise<GenerationEnd> result;
  private final ArrayDeque<GeneratedToken> waiting = new ArrayDeque<>();
  private LongConsumer allow = index -> {};
  private Runnable cancel = () -> {};
  private Handler<GeneratedToken> handler;
  private Handler<Void> endHandler;
  private Handler<Throwable> exceptionHandler;
  private GenerationEnd end;
  private McpException failure;
  private long demand = Long.MAX_VALUE;
  private long taken;
  private long allowed;
  private boolean scheduled;

  TokenStream(ContextInternal reader, int window) {
    this.reader = reader;
    this.window = window;
    this.allowed = window;
    this.result = reader.promise();
  }

  /**
   * Who is told how many results may be sent, and that no more are wanted; both on the reader's
   * thread.
   */
  synchronized void producer(LongConsumer newAllow, Runnable newCancel) {
    allow = newAllow;
    cancel = newCancel;
  }

  synchronized void add(GeneratedToken token) {
    if (!isOver()) {
      waiting.add(token);
      schedule();
    }
  }

  synchronized void end(GenerationEnd how) {
    if (!isOver()) {
      end = how;
      schedule();
    }
  }

  synchronized void fail(McpException error) {
    if (!isOver()) {
      failure = error;
      schedule();
    }
  }

  private boolean isOver() {
    return end != null || failure != null;
  }

  private void schedule() {
    if (!scheduled) {
      scheduled = true;
      reader.runOnContext(v -> deliver());
    }
  }

  private void deliver() {
    synchronized (this) {
      scheduled = false;
    }
    while (deliverOne()) {
      tellAllowance();
    }
    deliverEnd();
  }

  private boolean deliverOne() {
    Handler<GeneratedToken> to;
    GeneratedToken token;
    synchronized (this) {
      if (handler == null || demand == 0 || waiting.isEmpty()) {
        return false;
      }
      if (demand != Long.MAX_VALUE) {
        demand--;
      }
      to = handler;
      token = waiting.poll();
    }
    reader.dispatch(token, to);
    return true;
  }

  /** By half a window at a time, so that confirmations cost less than results. */
  private void tellAllowance() {
    LongConsumer to = null;
    long now = 0;
    synchronized (this) {
      taken++;
      now = taken + window;
      if (!isOver() && now - allowed >= (window + 1) / 2) {
        allowed = now;
        to = allow;
      }
    }
    if (to != null) {
      to.accept(now);
    }
  }

  private void deliverEnd() {
    Handler<Void> ended = null;
    Handler<Throwable> failed = null;
    GenerationEnd how;
    McpException error;
    synchronized (this) {
      if (!isOver() || !waiting.isEmpty()) {
        return;
      }
      how = end;
      error = failure;
      if (how != null) {
        ended = endHandler;
        endHandler = null;
      } else {
        failed = exceptionHandler;
        exceptionHandler = null;
      }
    }
    if (ended != null) {
      reader.dispatch(null, ended);
    }
    if (failed != null) {
      reader.dispatch(error, failed);
    }
    if (how != null) {
      result.tryComplete(how);
    } else {
      result.tryFail(error);
    }
  }

  @Override
  public synchronized McpGeneration handler(Handler<GeneratedToken> newHandler) {
    handler = newHandler;
    schedule();
    return this;
  }

  @Override
  public synchronized McpGeneration endHandler(Handler<Void> newHandler) {
    endHandler = newHandler;
    schedule();
    return this;
  }

  @Override
  public synchronized McpGeneration exceptionHandler(Handler<Throwable> newHandler) {
    exceptionHandler = newHandler;
    schedule();
    return this;
  }

  @Override
  public synchronized McpGeneration pause() {
    demand = 0;
    return this;
  }

  @Override
  public McpGeneration resume() {
    return fetch(Long.MAX_VALUE);
  }

  @Override
  public synchronized McpGeneration fetch(long amount) {
    if (amount < 0) {
      throw new IllegalArgumentException("amount must not be negative: " + amount);
    }
    demand = demand + amount < 0 ? Long.MAX_VALUE : demand + amount;
    schedule();
    return this;
  }

  @Override
  public Future<GenerationEnd> result() {
    return result.future();
  }

  @Override
  public void cancel() {
    Runnable told;
    synchronized (this) {
      if (result.future().isComplete()) {
        return;
      }
      waiting.clear();
      end = null;
      failure =
          McpException.streamError(ErrorCode.REQUEST_CANCELED, "the caller gave the generation up");
      exceptionHandler = null;
      told = cancel;
      schedule();
    }
    told.run();
  }
}

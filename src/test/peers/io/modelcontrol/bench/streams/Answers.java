package io.modelcontrol.bench.streams;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Whom the client's event loop tells of answers and failures. */
final class Answers {
  static final int MESSAGE_BYTES = 64;
  private static final long END_WITHIN_SECONDS = 30;

  private volatile Runnable next;
  private volatile CountDownLatch done;
  private volatile Throwable failure;
  private volatile boolean ending;

  /** From now on each answer runs this, until {@link #finish()}. */
  void expect(Runnable eachAnswer) {
    done = new CountDownLatch(1);
    next = eachAnswer;
    ending = false;
  }

  /** The whole of an answer has come. */
  void arrived(int bytes) {
    if (bytes != MESSAGE_BYTES) {
      failed(new IllegalStateException("%d B came back for %d".formatted(bytes, MESSAGE_BYTES)));
      return;
    }
    next.run();
  }

  void failed(Throwable cause) {
    if (!ending) {
      failure = cause;
      done.countDown();
    }
  }

  void finish() {
    done.countDown();
  }

  void await() throws InterruptedException, TimeoutException {
    if (!done.await(END_WITHIN_SECONDS, TimeUnit.SECONDS)) {
      throw new TimeoutException("messages are never answered");
    }
    if (failure != null) {
      throw new IllegalStateException("a stream has failed", failure);
    }
  }

  /** From now on streams end because they are meant to. */
  void ending() {
    ending = true;
  }
}

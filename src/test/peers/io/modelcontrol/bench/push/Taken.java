package io.modelcontrol.bench.push;

import java.util.concurrent.atomic.AtomicLong;

/** What has arrived: counted by the thread of one connection, looked at by another. */
final class Taken {
  private final int size;
  private final AtomicLong items = new AtomicLong();
  private volatile Throwable failure;
  private long rest;

  Taken(int size) {
    this.size = size;
  }

  /** One message has arrived, of so many bytes. */
  void item(int bytes) {
    if (bytes != size) {
      failed(new IllegalStateException("%d B came for %d B".formatted(bytes, size)));
    }
    items.lazySet(items.get() + 1);
  }

  /** Bytes have arrived that nothing divides. */
  void bytes(int count) {
    rest += count;
    items.lazySet(items.get() + rest / size);
    rest %= size;
  }

  void failed(Throwable cause) {
    failure = cause;
  }

  long items() {
    return items.get();
  }

  /** Throws if it went wrong, or if none came while it was measured. */
  void check(long measured) {
    if (failure != null || measured == 0) {
      throw new IllegalStateException("the push has failed, or nothing came", failure);
    }
  }
}

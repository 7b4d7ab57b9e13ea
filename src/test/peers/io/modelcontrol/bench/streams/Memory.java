package io.modelcontrol.bench.streams;

import io.netty.util.internal.PlatformDependent;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;

/**
 * Memory of this process that is in use after the garbage was collected.
 *
 * @param heap bytes of objects
 * @param direct bytes that the buffer pools, of whatever library, have taken from the system
 */
record Memory(long heap, long direct) {
  /** What differs less between two collections has settled. */
  private static final long SETTLED_BYTES = 32 << 10;

  private static final int MAX_COLLECTIONS = 20;

  /** Collects until no more is found: what a session held is let go a while after its end. */
  static Memory settled() {
    Memory before = collected();
    for (int i = 0; i < MAX_COLLECTIONS; i++) {
      Memory now = collected();
      if (Math.abs(before.heap - now.heap) < SETTLED_BYTES) {
        return now;
      }
      before = now;
    }
    throw new IllegalStateException("the heap does not settle");
  }

  private static Memory collected() {
    System.gc();
    return new Memory(
        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
        pooled() + Math.max(0, PlatformDependent.usedDirectMemory()));
  }

  /** Without what Netty takes past the JVM, which it counts itself. */
  private static long pooled() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }
}

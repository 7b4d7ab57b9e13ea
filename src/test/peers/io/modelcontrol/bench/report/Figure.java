package io.modelcontrol.bench.report;

/** What is measured; its unit, and which way is better. */
public enum Figure {
  PER_SECOND("per second", true),
  MEGABYTES_PER_SECOND("MB/s", true),
  /** How many of what is held take a GiB, of heap and direct memory together. */
  PER_GIB("per GiB", true),
  /** Processor time of both sides for each operation. */
  CPU_MICROS("CPU us", false),
  P50_MICROS("p50 us", false),
  P95_MICROS("p95 us", false),
  P99_MICROS("p99 us", false),
  /** Time for one operation. */
  MICROS("us each", false),
  /** Garbage-collected memory for each thing that is held; of both sides, unless it is said. */
  HEAP_BYTES("heap B", false),
  /** Direct memory for each thing that is held; of both sides, unless it is said. */
  DIRECT_BYTES("direct B", false),
  /** Garbage-collected memory that is allocated for each operation; of both sides, as above. */
  ALLOCATED_BYTES("allocated B", false),
  /** The part of all processors' time that other processes took meanwhile, in percent. */
  OTHERS_PERCENT("others %", false);

  private final String unit;
  private final boolean more;

  Figure(String unit, boolean more) {
    this.unit = unit;
    this.more = more;
  }

  public String unit() {
    return unit;
  }

  /** Whether more of it is better. */
  public boolean more() {
    return more;
  }
}

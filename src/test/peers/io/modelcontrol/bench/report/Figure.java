package io.modelcontrol.bench.report;

/** What is measured; its unit, and which way is better. */
public enum Figure {
  PER_SECOND("per second", true),
  MEGABYTES_PER_SECOND("MB/s", true),
  /** Processor time of both sides for each operation. */
  CPU_MICROS("CPU us", false),
  P50_MICROS("p50 us", false),
  P95_MICROS("p95 us", false),
  P99_MICROS("p99 us", false),
  /** Time for one operation. */
  MICROS("us each", false),
  /** Garbage-collected memory of both sides for each thing that is held. */
  HEAP_BYTES("heap B", false),
  /** Direct memory of both sides for each thing that is held. */
  DIRECT_BYTES("direct B", false),
  /** How much garbage-collected memory both sides allocate for each operation. */
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

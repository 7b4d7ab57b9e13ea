package io.modelcontrol.runtime.conformance;

import io.modelcontrol.DataType;
import io.modelcontrol.Tensor;
import io.modelcontrol.runtime.LoadedModel;
import io.modelcontrol.runtime.RunControl;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;

/** What runs and loads leave behind. */
final class MemoryCases {
  private static final int RUNS = 2_000;

  /** Of 16 bytes each: 4 KiB for a run, so that what all runs leak is 8 MiB. */
  private static final long ROWS = 256;

  /** What others in the process may take meanwhile. */
  private static final long MAX_DIRECT_BYTES = 1 << 20;

  private static final int WARM_CYCLES = 10;
  private static final int CYCLES = 50;

  /** A third of what the models of all cycles hold. */
  private static final long MAX_GROWTH_BYTES = CYCLES * RuntimeConformance.HEAVY_BYTES / 3;

  private MemoryCases() {}

  static List<RuntimeCase> all() {
    return List.of(
        new RuntimeCase(
            "memory/owners",
            "keeps no hold on inputs, nor on outputs that their owner has released",
            MemoryCases::keepsNoHold),
        new RuntimeCase(
            "memory/direct",
            "has given back direct memory after " + RUNS + " runs",
            MemoryCases::givesBackDirectMemory),
        new RuntimeCase(
            "memory/load-close",
            "has given back the models of " + CYCLES + " loads after they were closed",
            MemoryCases::givesBackModels));
  }

  private static void keepsNoHold(Bench bench) throws Exception {
    ConformanceModel identity = bench.identity(DataType.FLOAT);
    try (LoadedModel model = bench.load(identity)) {
      Tensor input = Samples.direct(identity.inputs().get(0), ROWS);
      List<Tensor> outputs = model.infer(List.of(input), List.of(), new RunControl());
      outputs.forEach(Tensor::release);
      int held = input.data().refCnt();
      input.release();
      Expect.that(held == 1, "one owner of the input after the run", String.valueOf(held));
      for (Tensor output : outputs) {
        int left = output.data().refCnt();
        Expect.that(left == 0, "no owner of a released output", String.valueOf(left));
      }
    }
  }

  private static void givesBackDirectMemory(Bench bench) throws Exception {
    ConformanceModel identity = bench.identity(DataType.FLOAT);
    long before = directBytes();
    try (LoadedModel model = bench.load(identity)) {
      for (int i = 0; i < RUNS; i++) {
        Tensor input = Samples.direct(identity.inputs().get(0), ROWS);
        try {
          model.infer(List.of(input), List.of(), new RunControl()).forEach(Tensor::release);
        } finally {
          input.release();
        }
      }
    }
    long grown = directBytes() - before;
    Expect.that(grown <= MAX_DIRECT_BYTES, atMost(MAX_DIRECT_BYTES), bytes(grown));
  }

  /** Held by somebody: what pools keep for later does not count. */
  private static long directBytes() {
    return PooledByteBufAllocator.DEFAULT.pinnedDirectMemory()
        + UnpooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
  }

  private static void givesBackModels(Bench bench) throws Exception {
    ConformanceModel heavy = bench.need(bench.models().heavy(), "what a model holds");
    cycles(bench, heavy, WARM_CYCLES);
    HeldMemory before = HeldMemory.now();
    if (!before.isKnown()) {
      throw CaseEnd.notRun("this machine does not tell native memory from the heap");
    }
    cycles(bench, heavy, CYCLES);
    HeldMemory after = HeldMemory.now();
    requireSmall(after.heapBytes() - before.heapBytes(), " of the heap");
    requireSmall(after.nativeBytes() - before.nativeBytes(), " of native memory");
  }

  private static void requireSmall(long grownBytes, String where) {
    Expect.that(
        grownBytes <= MAX_GROWTH_BYTES, atMost(MAX_GROWTH_BYTES) + where, bytes(grownBytes));
  }

  private static void cycles(Bench bench, ConformanceModel content, int count) throws Exception {
    for (int i = 0; i < count; i++) {
      try (LoadedModel model = bench.load(content)) {
        model.infer(Samples.zeros(content), List.of(), new RunControl()).forEach(Tensor::release);
      }
    }
  }

  private static String atMost(long bytes) {
    return "growth of at most " + bytes(bytes);
  }

  private static String bytes(long count) {
    return count + " bytes";
  }
}

package io.modelcontrol.bench.push;

import io.modelcontrol.bench.report.Contender;
import io.modelcontrol.bench.report.Figure;
import io.modelcontrol.bench.report.Meter;
import io.modelcontrol.bench.report.Plan;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Compares pushes: for each size all protocols. Bytes are those of the payloads alone. */
public final class PushSuite {
  private static final int[] SIZES = {64, 65_536};
  private static final long FIRST_WARM_MILLIS = 3_000;
  private static final long WARM_MILLIS = 500;
  private static final double BYTES_PER_MEGABYTE = 1e6;

  private PushSuite() {}

  public static void run(Plan plan) throws Exception {
    for (int size : SIZES) {
      Map<String, Contender> contenders = new LinkedHashMap<>();
      for (Protocol protocol : Protocol.values()) {
        contenders.put(
            protocol.title(),
            first -> measure(protocol, size, first ? FIRST_WARM_MILLIS : WARM_MILLIS, plan));
      }
      plan.compare("push on one stream, %d B each".formatted(size), contenders);
    }
  }

  private static Map<Figure, Double> measure(
      Protocol protocol, int size, long warmMillis, Plan plan) throws Exception {
    Taken taken = new Taken(size);
    Push push = protocol.open(size, taken);
    try {
      TimeUnit.MILLISECONDS.sleep(warmMillis);
      long before = taken.items();
      Meter meter = Meter.begin();
      TimeUnit.MILLISECONDS.sleep(plan.millis());
      long items = taken.items() - before;
      Map<Figure, Double> figures = meter.end(items);
      taken.check(items);
      figures.put(
          Figure.MEGABYTES_PER_SECOND, figures.get(Figure.PER_SECOND) * size / BYTES_PER_MEGABYTE);
      return figures;
    } finally {
      push.close();
    }
  }
}

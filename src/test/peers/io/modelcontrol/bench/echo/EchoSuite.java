package io.modelcontrol.bench.echo;

import io.modelcontrol.bench.report.Contender;
import io.modelcontrol.bench.report.Plan;
import java.util.LinkedHashMap;
import java.util.Map;

/** Compares echoes: for each size and number in flight all protocols. */
public final class EchoSuite {
  private static final int[] SIZES = {64, 4096, 65_536, 602_112};
  private static final int[] IN_FLIGHT = {1, 64};
  private static final long FIRST_WARM_MILLIS = 3_000;
  private static final long WARM_MILLIS = 300;

  private EchoSuite() {}

  public static void run(Plan plan) throws Exception {
    for (int size : SIZES) {
      for (int inFlight : IN_FLIGHT) {
        Map<String, Contender> contenders = new LinkedHashMap<>();
        for (Protocol protocol : Protocol.values()) {
          contenders.put(protocol.title(), contender(plan, protocol, size, inFlight));
        }
        plan.compare(
            "echo of %d B, %d in flight, one connection".formatted(size, inFlight), contenders);
      }
    }
  }

  private static Contender contender(Plan plan, Protocol protocol, int size, int inFlight) {
    return first -> {
      try (Echo echo = protocol.open(size)) {
        return Load.measure(echo, inFlight, first ? FIRST_WARM_MILLIS : WARM_MILLIS, plan.millis());
      }
    };
  }
}

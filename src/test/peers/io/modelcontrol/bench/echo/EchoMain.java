package io.modelcontrol.bench.echo;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Compares echoes: for each size and number in flight all protocols in turns, round after round;
 * prints the medians and their ratios to this project's, and writes them as JSON.
 *
 * <p>Arguments: rounds, milliseconds of each measurement, file for the JSON.
 */
public final class EchoMain {
  private static final int[] SIZES = {64, 4096, 65_536, 602_112};
  private static final int[] IN_FLIGHT = {1, 64};
  private static final long FIRST_WARM_MILLIS = 3_000;
  private static final long WARM_MILLIS = 300;

  private final int rounds;
  private final long millis;
  private final JsonArray rows = new JsonArray();

  private EchoMain(int rounds, long millis) {
    this.rounds = rounds;
    this.millis = millis;
  }

  public static void main(String[] args) throws Exception {
    EchoMain main = new EchoMain(Integer.parseInt(args[0]), Long.parseLong(args[1]));
    for (int size : SIZES) {
      for (int inFlight : IN_FLIGHT) {
        main.compare(size, inFlight);
      }
    }
    Files.writeString(Path.of(args[2]), main.rows.encodePrettily());
    Runtime.getRuntime().halt(0);
  }

  private void compare(int size, int inFlight) throws Exception {
    Map<Protocol, List<Load.Figures>> all = new EnumMap<>(Protocol.class);
    for (int round = 0; round < rounds; round++) {
      for (Protocol protocol : Protocol.values()) {
        long warmMillis = round == 0 ? FIRST_WARM_MILLIS : WARM_MILLIS;
        try (Echo echo = protocol.open(size)) {
          all.computeIfAbsent(protocol, key -> new ArrayList<>())
              .add(Load.measure(echo, inFlight, warmMillis, millis));
        }
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%n%d B, %d in flight, one connection, %d rounds of %d ms%n",
        size,
        inFlight,
        rounds,
        millis);
    System.out.printf(
        Locale.ROOT,
        "%-26s %11s %15s %9s %9s %11s%n",
        "",
        "req/s",
        "spread",
        "CPU us",
        "p99 us",
        "MCP is");
    double mine = median(all.get(Protocol.MCP), Load.Figures::perSecond);
    all.forEach((protocol, figures) -> row(size, inFlight, protocol, figures, mine));
  }

  private void row(
      int size, int inFlight, Protocol protocol, List<Load.Figures> figures, double mine) {
    double perSecond = median(figures, Load.Figures::perSecond);
    double cpu = median(figures, Load.Figures::cpuMicros);
    double p99 = median(figures, Load.Figures::p99Micros);
    double least = figures.stream().mapToDouble(Load.Figures::perSecond).min().orElseThrow();
    double most = figures.stream().mapToDouble(Load.Figures::perSecond).max().orElseThrow();
    System.out.printf(
        Locale.ROOT,
        "%-26s %11.0f %7.0f-%7.0f %9.2f %9.0f %10.2fx%n",
        protocol.title(),
        perSecond,
        least,
        most,
        cpu,
        p99,
        mine / perSecond);
    rows.add(
        new JsonObject()
            .put("bytes", size)
            .put("inFlight", inFlight)
            .put("protocol", protocol.name())
            .put("perSecond", perSecond)
            .put("least", least)
            .put("most", most)
            .put("cpuMicros", cpu)
            .put("p50Micros", median(figures, Load.Figures::p50Micros))
            .put("p99Micros", p99)
            .put("mcpRatio", mine / perSecond));
  }

  private static double median(List<Load.Figures> all, ToDoubleFunction<Load.Figures> figure) {
    List<Double> sorted =
        all.stream().map(figure::applyAsDouble).sorted(Comparator.naturalOrder()).toList();
    return sorted.get(sorted.size() / 2);
  }
}

package io.modelcontrol.bench.echo;

import io.modelcontrol.bench.report.Contender;
import io.modelcontrol.bench.report.Plan;
import java.util.LinkedHashMap;
import java.util.Map;

/** Compares requests that are answered at once, by all protocols, over one connection each. */
public final class EchoSuite {
  /** An image as a tensor: FLOAT, 3x224x224; and what a classifier says of it. */
  private static final int IMAGE_BYTES = 602_112;

  private static final int SCORES_BYTES = 4_000;

  private EchoSuite() {}

  public static void run(Plan plan) throws Exception {
    echo(plan, 64, 1, 64, 1000);
    echo(plan, 4096, 1, 64, 1000);
    echo(plan, 65_536, 1, 64);
    for (int inFlight : new int[] {1, 64}) {
      String name = "%d B in, %d B out, %d in flight, one connection";
      compare(
          plan,
          name.formatted(IMAGE_BYTES, SCORES_BYTES, inFlight),
          IMAGE_BYTES,
          SCORES_BYTES,
          inFlight);
    }
  }

  private static void echo(Plan plan, int size, int... inFlights) throws Exception {
    for (int inFlight : inFlights) {
      String name = "echo of %d B, %d in flight, one connection".formatted(size, inFlight);
      compare(plan, name, size, size, inFlight);
    }
  }

  private static void compare(
      Plan plan, String name, int requestBytes, int answerBytes, int inFlight) throws Exception {
    Map<String, Contender> contenders = new LinkedHashMap<>();
    for (Protocol protocol : Protocol.values()) {
      contenders.put(
          protocol.title(),
          new Held(
              () -> protocol.open(requestBytes, answerBytes),
              answerBytes,
              inFlight,
              plan.millis()));
    }
    plan.compare(name, contenders);
  }
}

package io.modelcontrol.bench.streams;

import io.modelcontrol.bench.report.Contender;
import io.modelcontrol.bench.report.Figure;
import io.modelcontrol.bench.report.Plan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Compares streams that are held open: the time to open one, with the first message and its answer,
 * 64 at a time; the memory of both sides for each, which are one process; and the time of a message
 * and its answer, one at a time on a stream chosen at random, while the event loops of both sides
 * are kept from sleeping.
 */
public final class StreamsSuite {
  private static final int STREAMS = 10_000;

  /** So that the code is compiled before it counts. */
  private static final int FIRST_REHEARSALS = 25;

  /** An opening of all takes so little time that one alone tells little: the median counts. */
  private static final int OPENINGS = 5;

  private StreamsSuite() {}

  public static void run(Plan plan) throws Exception {
    Map<String, Contender> contenders = new LinkedHashMap<>();
    for (Protocol protocol : Protocol.values()) {
      contenders.put(protocol.title(), first -> measure(protocol, first, plan.millis()));
    }
    plan.compare(
        "%,d streams held open on one session, cores awake".formatted(STREAMS), contenders);
  }

  private static Map<Figure, Double> measure(Protocol protocol, boolean first, long millis)
      throws Exception {
    if (first) {
      rehearse(protocol, FIRST_REHEARSALS);
    }
    Answers answers = new Answers();
    try (Held held = protocol.start(STREAMS, answers)) {
      Holding holding = new Holding(held, answers, STREAMS);
      // First of all: a session that has ended may be held a while by its timers.
      Map<Figure, Double> figures = holding.measure(millis);
      List<Map<Figure, Double>> openings = new ArrayList<>();
      for (int i = 0; i < OPENINGS; i++) {
        openings.add(holding.rehearse());
      }
      figures.put(Figure.MICROS, median(openings, Figure.MICROS));
      figures.put(Figure.CPU_MICROS, median(openings, Figure.CPU_MICROS));
      return figures;
    }
  }

  private static void rehearse(Protocol protocol, int times) throws Exception {
    Answers answers = new Answers();
    try (Held held = protocol.start(STREAMS, answers)) {
      Holding holding = new Holding(held, answers, STREAMS);
      for (int i = 0; i < times; i++) {
        holding.rehearse();
      }
    }
  }

  private static double median(List<Map<Figure, Double>> measured, Figure figure) {
    return measured.stream()
        .mapToDouble(figures -> figures.get(figure))
        .sorted()
        .skip(measured.size() / 2)
        .findFirst()
        .orElseThrow();
  }
}

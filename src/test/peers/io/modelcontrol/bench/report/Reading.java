package io.modelcontrol.bench.report;

import io.modelcontrol.bench.report.Comparison.Spread;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/** Where the number that a goal speaks of comes from. */
@FunctionalInterface
interface Reading {
  /** Empty where it was not measured. */
  OptionalDouble of(Results results);

  /**
   * This project's median divided by a peer's.
   *
   * @param comparison the whole name, as a regular expression
   * @param peer a part of the contender's name, as a regular expression
   */
  static Reading ratio(String comparison, String peer, Figure figure) {
    Pattern name = Pattern.compile(peer);
    return results -> {
      Measured measured = results.comparison(comparison).orElse(null);
      if (measured == null) {
        return OptionalDouble.empty();
      }
      Spread own = measured.own().get(figure);
      return measured.contenders().entrySet().stream()
          .filter(each -> !Measured.isOwn(each.getKey()) && name.matcher(each.getKey()).find())
          .map(Map.Entry::getValue)
          .filter(figures -> own != null && figures.containsKey(figure))
          .mapToDouble(figures -> own.median() / figures.get(figure).median())
          .findFirst();
    };
  }

  /** This project's median. */
  static Reading own(String comparison, Figure figure) {
    return results ->
        results.comparison(comparison).map(Measured::own).stream()
            .filter(figures -> figures.containsKey(figure))
            .mapToDouble(figures -> figures.get(figure).median())
            .findFirst();
  }

  /** Nanoseconds, by JMH. */
  static Reading nanos(String benchmark) {
    return results ->
        results.micro(benchmark).stream().mapToDouble(micro -> micro.nanos().median()).findFirst();
  }

  /** Bytes allocated by each operation, by JMH. */
  static Reading allocated(String benchmark) {
    return results ->
        results.micro(benchmark).stream().mapToDouble(Micro::allocatedBytes).findFirst();
  }
}

package io.modelcontrol.bench.report;

import io.modelcontrol.bench.report.Comparison.Spread;
import java.util.Locale;

/** Numbers as people read them. */
final class Numbers {
  private Numbers() {}

  /** Three digits or more. */
  static String text(double value) {
    if (value == 0) {
      return "0";
    }
    String format = value >= 100 ? "%,.0f" : value >= 10 ? "%.1f" : value >= 1 ? "%.2f" : "%.3f";
    return String.format(Locale.ROOT, format, value);
  }

  /** Median, least and most. */
  static String text(Spread spread) {
    if (spread.rounds() == 1) {
      return text(spread.median());
    }
    return "%s (%s-%s)".formatted(text(spread.median()), text(spread.least()), text(spread.most()));
  }
}

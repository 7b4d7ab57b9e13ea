package io.modelcontrol.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One look at a node's metrics, in the text format of Prometheus. */
final class Samples {
  private static final Pattern LINE =
      Pattern.compile("([a-zA-Z_:][\\w:]*)(?:\\{(.*)})? (\\S+)(?: \\S+)?");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

  /** One number with its labels. */
  record Sample(Map<String, String> labels, double value) {}

  private final Map<String, List<Sample>> byName = new HashMap<>();
  private final long nanos;

  /** Takes what is well-formed, and leaves the rest, such as comments. */
  Samples(String text, long nanos) {
    this.nanos = nanos;
    text.lines().filter(line -> !line.startsWith("#")).forEach(this::take);
  }

  private void take(String line) {
    Matcher parts = LINE.matcher(line);
    if (!parts.matches()) {
      return;
    }
    Map<String, String> labels = new TreeMap<>();
    Matcher label = LABEL.matcher(parts.group(2) == null ? "" : parts.group(2));
    while (label.find()) {
      labels.put(label.group(1), label.group(2));
    }
    try {
      byName
          .computeIfAbsent(parts.group(1), name -> new ArrayList<>())
          .add(new Sample(labels, number(parts.group(3))));
    } catch (NumberFormatException e) {
      // Another program answers at that port: what is no number is no sample.
      byName.remove(parts.group(1));
    }
  }

  private static double number(String text) {
    return text.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(text);
  }

  List<Sample> all(String name) {
    return byName.getOrDefault(name, List.of());
  }

  double sum(String name, Predicate<Map<String, String>> which) {
    return all(name).stream()
        .filter(sample -> which.test(sample.labels()))
        .mapToDouble(Sample::value)
        .sum();
  }

  double secondsSince(Samples earlier) {
    return (nanos - earlier.nanos) / 1e9;
  }

  /** How much a counter has grown in each second since. */
  double rate(Samples earlier, String name, Predicate<Map<String, String>> which) {
    return (sum(name, which) - earlier.sum(name, which)) / secondsSince(earlier);
  }

  /**
   * The value below which that share of a histogram's new samples lies, by its buckets; not a
   * number if there are none.
   */
  double quantile(
      Samples earlier, String histogram, Predicate<Map<String, String>> which, double share) {
    NavigableMap<Double, Double> grown = buckets(histogram, which);
    earlier.buckets(histogram, which).forEach((le, count) -> grown.merge(le, -count, Double::sum));
    double total = grown.isEmpty() ? 0 : grown.lastEntry().getValue();
    double wanted = share * total;
    double lowerBound = 0;
    double lowerCount = 0;
    for (Map.Entry<Double, Double> bucket : grown.entrySet()) {
      if (total > 0 && bucket.getValue() >= wanted) {
        double width = Double.isInfinite(bucket.getKey()) ? 0 : bucket.getKey() - lowerBound;
        double inBucket = bucket.getValue() - lowerCount;
        return lowerBound + width * (inBucket == 0 ? 0 : (wanted - lowerCount) / inBucket);
      }
      lowerBound = bucket.getKey();
      lowerCount = bucket.getValue();
    }
    return Double.NaN;
  }

  private NavigableMap<Double, Double> buckets(
      String histogram, Predicate<Map<String, String>> which) {
    TreeMap<Double, Double> counts = new TreeMap<>();
    for (Sample sample : all(histogram + "_bucket")) {
      if (which.test(sample.labels())) {
        counts.merge(number(sample.labels().get("le")), sample.value(), Double::sum);
      }
    }
    return counts;
  }
}

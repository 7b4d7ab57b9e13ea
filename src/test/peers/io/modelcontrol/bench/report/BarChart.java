package io.modelcontrol.bench.report;

import io.modelcontrol.bench.report.Comparison.Spread;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Horizontal bars of one figure of a comparison, as SVG: the median as a bar and as a number, least
 * and most as a line.
 *
 * @param file name of the file
 * @param unit of the figure, and which way is better
 * @param bars by contender
 */
record BarChart(String file, String title, String unit, Map<String, Spread> bars) {
  private static final int WIDTH = 760;
  private static final int TOP = 58;
  private static final int ROW = 30;
  private static final int BAR = 18;
  private static final int LABELS = 250;
  private static final int BARS = 400;
  private static final String OWN = "#2b6cb0";
  private static final String OTHERS = "#b8c4d0";

  static BarChart of(String file, Measured measured, Figure figure) {
    Map<String, Spread> bars = new LinkedHashMap<>();
    measured
        .contenders()
        .forEach(
            (name, figures) -> {
              if (figures.containsKey(figure)) {
                bars.put(name, figures.get(figure));
              }
            });
    String unit = figure.unit() + (figure.more() ? ", more is better" : ", less is better");
    return new BarChart(file, measured.name(), unit, bars);
  }

  String toSvg() {
    StringBuilder svg = new StringBuilder();
    line(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-size=\"13\""
            + " font-family=\"Helvetica, Arial, sans-serif\" role=\"img\""
            + " aria-labelledby=\"title desc\">",
        WIDTH,
        TOP + ROW * bars.size());
    line(svg, "<title id=\"title\">%s: %s</title>", escaped(title), unit);
    line(svg, "<desc id=\"desc\">%s</desc>", escaped(description()));
    line(svg, "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>");
    line(
        svg,
        "<text x=\"12\" y=\"24\" font-weight=\"bold\" fill=\"#222\">%s</text>",
        escaped(title));
    line(svg, "<text x=\"12\" y=\"42\" fill=\"#555\">%s</text>", unit);
    double most = bars.values().stream().mapToDouble(Spread::most).max().orElse(1);
    int row = 0;
    for (Map.Entry<String, Spread> bar : bars.entrySet()) {
      bar(svg, row++, bar.getKey(), bar.getValue(), BARS / most);
    }
    return svg.append("</svg>\n").toString();
  }

  private static void bar(StringBuilder svg, int row, String name, Spread spread, double scale) {
    int y = TOP + row * ROW;
    int middle = y + BAR / 2;
    double end = LABELS + spread.most() * scale;
    line(
        svg,
        "<text x=\"%d\" y=\"%d\" text-anchor=\"end\" fill=\"#222\">%s</text>",
        LABELS - 8,
        middle + 4,
        escaped(name));
    line(
        svg,
        "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>",
        LABELS,
        y,
        spread.median() * scale,
        BAR,
        Measured.isOwn(name) ? OWN : OTHERS);
    line(
        svg,
        "<path d=\"M%.1f %dH%.1f\" stroke=\"#222\"/>",
        LABELS + spread.least() * scale,
        middle,
        end);
    line(
        svg,
        "<text x=\"%.1f\" y=\"%d\" fill=\"#222\">%s</text>",
        end + 8,
        middle + 4,
        Numbers.text(spread.median()));
  }

  private String description() {
    return bars.entrySet().stream()
        .map(bar -> bar.getKey() + " " + Numbers.text(bar.getValue()))
        .collect(Collectors.joining("; "));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  private static void line(StringBuilder svg, String format, Object... arguments) {
    svg.append(String.format(Locale.ROOT, format, arguments)).append('\n');
  }
}

package io.modelcontrol.cli;

import io.modelcontrol.DataType;
import io.modelcontrol.ModelId;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.InferenceResult;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.Help.Ansi;

/** The result of a request for people and for machines; scores of classes as the best of them. */
final class ResultText {
  private static final Set<DataType> SCORES =
      Set.of(DataType.FLOAT, DataType.DOUBLE, DataType.FLOAT16, DataType.BFLOAT16);
  private static final int MAX_ROWS = 16;
  private static final int MAX_CHARACTERS = 120;

  private final ModelId model;
  private final InferenceResult result;
  private final double roundTripMs;
  private final Labels labels;
  private final int topK;

  ResultText(ModelId model, InferenceResult result, double roundTripMs, Labels labels, int topK) {
    this.model = model;
    this.result = result;
    this.roundTripMs = roundTripMs;
    this.labels = labels;
    this.topK = topK;
  }

  JsonObject json() {
    JsonArray outputs = new JsonArray();
    for (Tensor tensor : result.tensors()) {
      JsonObject output = JsonTensors.toObject(tensor);
      outputs.add(isScores(tensor) ? output.put("top", top(tensor)) : output);
    }
    JsonObject json =
        new JsonObject()
            .put("model", model.name())
            .put("version", model.version())
            .put("outputs", outputs)
            .put("roundTripMs", roundTripMs);
    result.runtimeMicros().ifPresent(micros -> json.put("runtimeMs", micros / 1e3));
    return json;
  }

  private JsonArray top(Tensor tensor) {
    JsonArray rows = new JsonArray();
    for (List<TopK.Entry> row : best(tensor)) {
      JsonArray entries = new JsonArray();
      for (TopK.Entry entry : row) {
        entries.add(
            new JsonObject()
                .put("index", entry.index())
                .put("label", entry.label())
                .put("score", entry.score()));
      }
      rows.add(entries);
    }
    return rows;
  }

  List<String> lines(Ansi ansi) {
    List<String> lines = new ArrayList<>();
    for (Tensor tensor : result.tensors()) {
      String type = tensor.dataType() + Arrays.toString(tensor.shape());
      lines.add(bold(ansi, tensor.name()) + "  " + type);
      lines.addAll(isScores(tensor) ? classes(tensor) : List.of("  " + values(tensor)));
    }
    lines.add(time());
    return lines;
  }

  /** Not by picocli's markup, which a tensor's name could contain. */
  private static String bold(Ansi ansi, String text) {
    String plain = Advice.oneLine(text);
    return ansi.enabled() ? "\u001b[1m" + plain + "\u001b[0m" : plain;
  }

  private List<String> classes(Tensor tensor) {
    List<List<TopK.Entry>> rows = best(tensor);
    List<String> lines = new ArrayList<>();
    TextTable table = new TextTable("  ROW", "CLASS", "SCORE", "LABEL");
    for (int row = 0; row < Math.min(MAX_ROWS, rows.size()); row++) {
      for (TopK.Entry entry : rows.get(row)) {
        String score = String.format(Locale.ROOT, "%.4f", entry.score());
        table.row(
            "  " + row, Integer.toString(entry.index()), score, Advice.oneLine(entry.label()));
      }
    }
    lines.addAll(table.lines());
    if (rows.size() > MAX_ROWS) {
      lines.add("  and " + (rows.size() - MAX_ROWS) + " more rows, see --json");
    }
    return lines;
  }

  private List<List<TopK.Entry>> best(Tensor tensor) {
    return TopK.of(tensor, topK, labels, false);
  }

  /** One or a few rows of floating-point numbers, two or more in a row, are taken for scores. */
  private static boolean isScores(Tensor tensor) {
    boolean rows = tensor.rank() == 1 || tensor.rank() == 2;
    return rows
        && SCORES.contains(tensor.dataType())
        && tensor.elements() > 0
        && tensor.dimension(tensor.rank() - 1) > 1;
  }

  private static String values(Tensor tensor) {
    JsonObject object = JsonTensors.toObject(tensor);
    String text = object.containsKey("data") ? object.getJsonArray("data").encode() : "see --json";
    return text.length() <= MAX_CHARACTERS
        ? text
        : text.substring(0, MAX_CHARACTERS) + " ... see --json";
  }

  private String time() {
    String roundTrip = String.format(Locale.ROOT, "round trip %.2f ms", roundTripMs);
    return result.runtimeMicros().isEmpty()
        ? roundTrip
        : String.format(
            Locale.ROOT,
            "%s, %.2f ms of it in the runtime",
            roundTrip,
            result.runtimeMicros().getAsLong() / 1e3);
  }
}

package io.modelcontrol.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;

/** What a node does, from two looks at its metrics. */
final class TopReport {
  private static final double MIB = 1024 * 1024;
  private final Samples before;
  private final Samples now;

  TopReport(Samples before, Samples now) {
    this.before = before;
    this.now = now;
  }

  /** For a person. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "sessions  %.0f ready, %.0f handshaking, %.0f detached    memory %.0f MiB    processes"
                + " of models %.0f",
            sessions("ready"),
            sessions("handshaking"),
            sessions("detached"),
            now.sum("mcp_memory_resident_bytes", TopReport::any) / MIB,
            now.sum("mcp_processes", TopReport::any)));
    lines.add(
        String.format(
            Locale.ROOT,
            "requests  %.0f active, %.0f in queues, %.1f/s failed    network %.1f KiB/s in, %.1f"
                + " KiB/s out",
            now.sum("mcp_requests_active", TopReport::any),
            now.sum("mcp_queue_waiting", TopReport::any),
            now.rate(before, "mcp_errors_total", TopReport::any),
            bytes("received") / 1024,
            bytes("sent") / 1024));
    lines.add("");
    table(lines, "REQUEST", requests());
    lines.add("");
    table(lines, "MODEL", models());
    return lines;
  }

  private static void table(List<String> lines, String first, JsonArray rows) {
    TextTable table = new TextTable(first, "PER SECOND", "FAILED", "P50 MS", "P99 MS", "QUEUE P99");
    for (int i = 0; i < rows.size(); i++) {
      JsonObject row = rows.getJsonObject(i);
      table.row(
          row.getString("name"),
          number(row, "perSecond"),
          number(row, "failedPerSecond"),
          number(row, "p50Ms"),
          number(row, "p99Ms"),
          number(row, "queueP99Ms"));
    }
    lines.addAll(table.lines());
  }

  private static String number(JsonObject row, String key) {
    Double value = row.getDouble(key);
    return value == null ? "-" : String.format(Locale.ROOT, "%.2f", value);
  }

  /** For a machine. */
  JsonObject json() {
    return new JsonObject()
        .put(
            "sessions",
            new JsonObject()
                .put("ready", sessions("ready"))
                .put("handshaking", sessions("handshaking"))
                .put("detached", sessions("detached")))
        .put("requestsActive", now.sum("mcp_requests_active", TopReport::any))
        .put("queueWaiting", now.sum("mcp_queue_waiting", TopReport::any))
        .put("residentBytes", now.sum("mcp_memory_resident_bytes", TopReport::any))
        .put("processes", now.sum("mcp_processes", TopReport::any))
        .put("receivedBytesPerSecond", bytes("received"))
        .put("sentBytesPerSecond", bytes("sent"))
        .put("requests", requests())
        .put("models", models());
  }

  private static boolean any(Map<String, String> labels) {
    return true;
  }

  private double sessions(String state) {
    return now.sum("mcp_sessions", labels -> state.equals(labels.get("state")));
  }

  private double bytes(String direction) {
    return now.rate(
        before,
        "mcp_frame_payload_bytes_total",
        labels -> direction.equals(labels.get("direction")));
  }

  private JsonArray requests() {
    JsonArray rows = new JsonArray();
    for (String type : values("mcp_request_seconds_count", labels -> labels.get("type"))) {
      rows.add(row(type, "mcp_request_seconds", labels -> type.equals(labels.get("type"))));
    }
    return rows;
  }

  private JsonArray models() {
    JsonArray rows = new JsonArray();
    for (String version : values("mcp_runtime_seconds_count", TopReport::version)) {
      String model = version.substring(0, version.indexOf('/'));
      JsonObject row =
          row(version, "mcp_runtime_seconds", labels -> version.equals(version(labels)));
      rows.add(
          millis(
              row,
              "queueP99Ms",
              "mcp_queue_seconds",
              labels -> model.equals(labels.get("model")),
              0.99));
    }
    return rows;
  }

  private static String version(Map<String, String> labels) {
    return labels.get("model") + "/" + labels.get("version");
  }

  private Set<String> values(String name, Function<Map<String, String>, String> value) {
    Set<String> values = new TreeSet<>();
    now.all(name).forEach(sample -> values.add(value.apply(sample.labels())));
    return values;
  }

  private JsonObject row(String name, String timer, Predicate<Map<String, String>> which) {
    Predicate<Map<String, String>> failed = which.and(labels -> !"OK".equals(labels.get("code")));
    JsonObject row =
        new JsonObject()
            .put("name", name)
            .put("perSecond", now.rate(before, timer + "_count", which))
            .put("failedPerSecond", now.rate(before, timer + "_count", failed));
    millis(row, "p50Ms", timer, which, 0.5);
    return millis(row, "p99Ms", timer, which, 0.99);
  }

  /** Left out where there was no sample. */
  private JsonObject millis(
      JsonObject row,
      String key,
      String timer,
      Predicate<Map<String, String>> which,
      double share) {
    double seconds = now.quantile(before, timer, which, share);
    return Double.isNaN(seconds) ? row : row.put(key, seconds * 1e3);
  }
}

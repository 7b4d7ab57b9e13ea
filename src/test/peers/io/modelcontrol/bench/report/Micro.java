package io.modelcontrol.bench.report;

import io.modelcontrol.bench.report.Comparison.Spread;
import io.vertx.core.json.JsonObject;
import java.util.Map;

/**
 * What JMH measured of one method.
 *
 * @param nanos of one operation
 * @param allocatedBytes of one operation
 */
record Micro(String name, Spread nanos, double allocatedBytes) {
  /** JMH names it so since 1.35. */
  private static final String ALLOCATED = "gc.alloc.rate.norm";

  static Micro of(JsonObject json) {
    String method = json.getString("benchmark");
    int type = method.lastIndexOf('.', method.lastIndexOf('.') - 1) + 1;
    StringBuilder name = new StringBuilder(method.substring(type));
    for (Map.Entry<String, Object> param : json.getJsonObject("params", new JsonObject())) {
      name.append(", ").append(param.getKey()).append(' ').append(param.getValue());
    }
    JsonObject metric = json.getJsonObject("primaryMetric");
    JsonObject percentiles = metric.getJsonObject("scorePercentiles");
    Spread nanos =
        new Spread(
            percentiles.getDouble("50.0"),
            percentiles.getDouble("0.0"),
            percentiles.getDouble("100.0"),
            json.getInteger("measurementIterations") * json.getInteger("forks"));
    JsonObject allocated =
        json.getJsonObject("secondaryMetrics", new JsonObject()).getJsonObject(ALLOCATED);
    return new Micro(name.toString(), nanos, allocated == null ? 0 : allocated.getDouble("score"));
  }

  JsonObject toJson() {
    return new JsonObject()
        .put("name", name)
        .put("nanos", nanos.toJson())
        .put("allocatedBytes", allocatedBytes);
  }

  static String command() {
    return "mvn -q -Pbench -Dbench.suites=micro verify";
  }
}

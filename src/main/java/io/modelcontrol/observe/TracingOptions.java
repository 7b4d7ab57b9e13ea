package io.modelcontrol.observe;

import io.vertx.codegen.annotations.DataObject;
import io.vertx.codegen.json.annotations.JsonGen;
import io.vertx.core.json.JsonObject;
import java.util.Objects;

/** Where traces go, and how many of them. */
@DataObject
@JsonGen(publicConverter = false)
public class TracingOptions {
  /** The default name of the service in traces = {@code vertx-model-control}. */
  public static final String DEFAULT_SERVICE_NAME = "vertx-model-control";

  /** The default share of traces that begin here and are kept = all. */
  public static final double DEFAULT_SAMPLE_RATIO = 1;

  /** The default time between exports = {@code 1000} ms. */
  public static final int DEFAULT_EXPORT_MS = 1_000;

  private String otlpEndpoint;
  private String serviceName = DEFAULT_SERVICE_NAME;
  private double sampleRatio = DEFAULT_SAMPLE_RATIO;
  private int exportMs = DEFAULT_EXPORT_MS;

  public TracingOptions() {}

  public TracingOptions(TracingOptions other) {
    otlpEndpoint = other.otlpEndpoint;
    serviceName = other.serviceName;
    sampleRatio = other.sampleRatio;
    exportMs = other.exportMs;
  }

  public TracingOptions(JsonObject json) {
    TracingOptionsConverter.fromJson(json, this);
  }

  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    TracingOptionsConverter.toJson(this, json);
    return json;
  }

  public String getOtlpEndpoint() {
    return otlpEndpoint;
  }

  /** Sets the collector, as {@code http://host:4318/v1/traces}: OTLP over HTTP in protobuf. */
  public TracingOptions setOtlpEndpoint(String endpoint) {
    otlpEndpoint = endpoint;
    return this;
  }

  public String getServiceName() {
    return serviceName;
  }

  /** Sets the name of this service in traces. */
  public TracingOptions setServiceName(String name) {
    serviceName = Objects.requireNonNull(name, "serviceName");
    return this;
  }

  public double getSampleRatio() {
    return sampleRatio;
  }

  /** Sets the share of traces, 0 to 1, that are kept of those that begin here. */
  public TracingOptions setSampleRatio(double ratio) {
    if (!(ratio >= 0 && ratio <= 1)) {
      throw new IllegalArgumentException("sampleRatio must be 0 to 1: " + ratio);
    }
    sampleRatio = ratio;
    return this;
  }

  public int getExportMs() {
    return exportMs;
  }

  /** Sets how long a span waits for others before they are sent together, in milliseconds. */
  public TracingOptions setExportMs(int ms) {
    if (ms < 1) {
      throw new IllegalArgumentException("exportMs must be at least 1: " + ms);
    }
    exportMs = ms;
    return this;
  }
}

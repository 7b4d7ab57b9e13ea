package io.modelcontrol.observe;

import io.vertx.codegen.annotations.DataObject;
import io.vertx.codegen.json.annotations.JsonGen;
import io.vertx.core.json.JsonObject;
import java.util.Objects;

/** What a node tells of itself, and where. */
@DataObject
@JsonGen(publicConverter = false)
public class ObserveOptions {
  /** The default port of metrics and health = {@code -1}: none. */
  public static final int DEFAULT_MANAGEMENT_PORT = -1;

  /** The default address of it = {@code "127.0.0.1"}: reachable from this machine only. */
  public static final String DEFAULT_MANAGEMENT_HOST = "127.0.0.1";

  private int managementPort = DEFAULT_MANAGEMENT_PORT;
  private String managementHost = DEFAULT_MANAGEMENT_HOST;
  private TracingOptions tracing = new TracingOptions();

  public ObserveOptions() {}

  public ObserveOptions(ObserveOptions other) {
    managementPort = other.managementPort;
    managementHost = other.managementHost;
    tracing = new TracingOptions(other.tracing);
  }

  public ObserveOptions(JsonObject json) {
    ObserveOptionsConverter.fromJson(json, this);
  }

  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    ObserveOptionsConverter.toJson(this, json);
    return json;
  }

  public int getManagementPort() {
    return managementPort;
  }

  /** Sets the HTTP port of metrics and health; 0 takes a free one, -1 is none. */
  public ObserveOptions setManagementPort(int port) {
    if (port < -1 || port > 0xFFFF) {
      throw new IllegalArgumentException("managementPort must be -1 to 65535: " + port);
    }
    managementPort = port;
    return this;
  }

  public String getManagementHost() {
    return managementHost;
  }

  /**
   * Sets the address of that port. What it tells is not secret, but nobody is asked who they are.
   */
  public ObserveOptions setManagementHost(String host) {
    managementHost = Objects.requireNonNull(host, "managementHost");
    return this;
  }

  public TracingOptions getTracing() {
    return tracing;
  }

  /** Sets where traces go. */
  public ObserveOptions setTracing(TracingOptions newTracing) {
    tracing = Objects.requireNonNull(newTracing, "tracing");
    return this;
  }

  /** Whether anything is to be told at all. */
  boolean isAnything() {
    return managementPort >= 0 || tracing.getOtlpEndpoint() != null;
  }
}

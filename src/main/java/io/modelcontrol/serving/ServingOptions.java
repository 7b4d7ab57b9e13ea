package io.modelcontrol.serving;

import io.vertx.codegen.annotations.DataObject;
import io.vertx.codegen.json.annotations.JsonGen;
import io.vertx.core.json.JsonObject;

/** Options of a {@link ModelService}. */
@DataObject
@JsonGen(publicConverter = false)
public class ServingOptions {
  /** The default time for a request that brings none = {@code 30000} ms. */
  public static final int DEFAULT_TIMEOUT_MS = 30_000;

  /** The default longest time that a request may ask for = {@code 600000} ms. */
  public static final int DEFAULT_MAX_TIMEOUT_MS = 600_000;

  /** The default time for preparing a model once its content is complete = {@code 120000} ms. */
  public static final int DEFAULT_LOAD_TIMEOUT_MS = 120_000;

  /** The default time that all hosts have to tell what they serve = {@code 2000} ms. */
  public static final int DEFAULT_LIST_TIMEOUT_MS = 2_000;

  /** The default size of a request whose tensors come in pieces = {@code 268435456} bytes. */
  public static final int DEFAULT_MAX_ASSEMBLED_BYTES = 256 * 1024 * 1024;

  private int timeoutMs = DEFAULT_TIMEOUT_MS;
  private int maxTimeoutMs = DEFAULT_MAX_TIMEOUT_MS;
  private int loadTimeoutMs = DEFAULT_LOAD_TIMEOUT_MS;
  private int listTimeoutMs = DEFAULT_LIST_TIMEOUT_MS;
  private int maxAssembledBytes = DEFAULT_MAX_ASSEMBLED_BYTES;

  public ServingOptions() {}

  public ServingOptions(ServingOptions other) {
    timeoutMs = other.timeoutMs;
    maxTimeoutMs = other.maxTimeoutMs;
    loadTimeoutMs = other.loadTimeoutMs;
    listTimeoutMs = other.listTimeoutMs;
    maxAssembledBytes = other.maxAssembledBytes;
  }

  public ServingOptions(JsonObject json) {
    ServingOptionsConverter.fromJson(json, this);
  }

  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    ServingOptionsConverter.toJson(this, json);
    return json;
  }

  public int getTimeoutMs() {
    return timeoutMs;
  }

  /** Sets how many milliseconds a request has that brings no timeout of its own. */
  public ServingOptions setTimeoutMs(int ms) {
    timeoutMs = positive("timeoutMs", ms);
    return this;
  }

  public int getMaxTimeoutMs() {
    return maxTimeoutMs;
  }

  /** Sets the longest time in milliseconds that a request may ask for; more is cut to it. */
  public ServingOptions setMaxTimeoutMs(int ms) {
    maxTimeoutMs = positive("maxTimeoutMs", ms);
    return this;
  }

  public int getLoadTimeoutMs() {
    return loadTimeoutMs;
  }

  /** Sets how many milliseconds a host has to answer a load request or a piece of content. */
  public ServingOptions setLoadTimeoutMs(int ms) {
    loadTimeoutMs = positive("loadTimeoutMs", ms);
    return this;
  }

  public int getListTimeoutMs() {
    return listTimeoutMs;
  }

  /** Sets how many milliseconds the hosts have to tell what they serve. */
  public ServingOptions setListTimeoutMs(int ms) {
    listTimeoutMs = positive("listTimeoutMs", ms);
    return this;
  }

  public int getMaxAssembledBytes() {
    return maxAssembledBytes;
  }

  /**
   * Sets how many bytes the tensors of a request may have that comes in pieces. All of them that
   * are under way on a node at a time may have four times as many.
   */
  public ServingOptions setMaxAssembledBytes(int bytes) {
    maxAssembledBytes = positive("maxAssembledBytes", bytes);
    return this;
  }

  private static int positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1: " + value);
    }
    return value;
  }
}

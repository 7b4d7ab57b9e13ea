package io.modelcontrol.serving;

import io.vertx.codegen.annotations.DataObject;
import io.vertx.codegen.json.annotations.JsonGen;
import io.vertx.core.json.JsonObject;
import java.util.List;

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

  /** The default time that answers are kept for those who ask again = {@code 900000} ms. */
  public static final int DEFAULT_IDEMPOTENCY_WINDOW_MS = 900_000;

  /** The default number of requests of an identity that are recorded = {@code 10000}. */
  public static final int DEFAULT_IDEMPOTENCY_RECORDS = 10_000;

  /** The default size of the answers of an identity that are kept = {@code 16777216} bytes. */
  public static final int DEFAULT_IDEMPOTENCY_BYTES = 16 * 1024 * 1024;

  /** The default roles that are trusted with the node = {@code admin, publisher, anonymous}. */
  public static final List<String> DEFAULT_TRUSTED_ROLES =
      List.of("admin", "publisher", "anonymous");

  private int timeoutMs = DEFAULT_TIMEOUT_MS;
  private int maxTimeoutMs = DEFAULT_MAX_TIMEOUT_MS;
  private int loadTimeoutMs = DEFAULT_LOAD_TIMEOUT_MS;
  private int listTimeoutMs = DEFAULT_LIST_TIMEOUT_MS;
  private int maxAssembledBytes = DEFAULT_MAX_ASSEMBLED_BYTES;
  private int idempotencyWindowMs = DEFAULT_IDEMPOTENCY_WINDOW_MS;
  private int idempotencyRecords = DEFAULT_IDEMPOTENCY_RECORDS;
  private int idempotencyBytes = DEFAULT_IDEMPOTENCY_BYTES;
  private List<String> trustedRoles = DEFAULT_TRUSTED_ROLES;

  public ServingOptions() {}

  public ServingOptions(ServingOptions other) {
    timeoutMs = other.timeoutMs;
    maxTimeoutMs = other.maxTimeoutMs;
    loadTimeoutMs = other.loadTimeoutMs;
    listTimeoutMs = other.listTimeoutMs;
    maxAssembledBytes = other.maxAssembledBytes;
    idempotencyWindowMs = other.idempotencyWindowMs;
    idempotencyRecords = other.idempotencyRecords;
    idempotencyBytes = other.idempotencyBytes;
    trustedRoles = List.copyOf(other.trustedRoles);
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

  public int getIdempotencyWindowMs() {
    return idempotencyWindowMs;
  }

  /** Sets how many milliseconds an answer is kept for those who ask again with the same id. */
  public ServingOptions setIdempotencyWindowMs(int ms) {
    idempotencyWindowMs = positive("idempotencyWindowMs", ms);
    return this;
  }

  public int getIdempotencyRecords() {
    return idempotencyRecords;
  }

  /**
   * Sets how many requests of an identity are recorded, the running ones among them; all identities
   * together have four times as many.
   */
  public ServingOptions setIdempotencyRecords(int records) {
    idempotencyRecords = positive("idempotencyRecords", records);
    return this;
  }

  public int getIdempotencyBytes() {
    return idempotencyBytes;
  }

  /**
   * Sets how many bytes of answers are kept for an identity, a larger answer not at all; all
   * identities together have four times as many.
   */
  public ServingOptions setIdempotencyBytes(int bytes) {
    idempotencyBytes = positive("idempotencyBytes", bytes);
    return this;
  }

  public List<String> getTrustedRoles() {
    return trustedRoles;
  }

  /**
   * Sets the roles that are trusted with the node: models loaded by an identity that has none of
   * them run, unless the model hosts say otherwise, in processes of their own.
   */
  public ServingOptions setTrustedRoles(List<String> roles) {
    trustedRoles = List.copyOf(roles);
    return this;
  }

  private static int positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1: " + value);
    }
    return value;
  }
}

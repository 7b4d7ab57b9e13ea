package io.modelcontrol.client;

import io.vertx.codegen.annotations.DataObject;
import io.vertx.codegen.json.annotations.JsonGen;
import io.vertx.core.json.JsonObject;

/**
 * How an {@link McpClient} repeats requests that failed: by the level of the error, within the
 * request's own time. Contract 5. Applies to inferences, lists and unloads; and to loads, after
 * errors that pass: attempts are counted since the content came further last.
 */
@DataObject
@JsonGen(publicConverter = false)
public class RetryOptions {
  /** The default number of attempts, the first one included = {@code 4}. */
  public static final int DEFAULT_MAX_ATTEMPTS = 4;

  /** The default bound of the first pause = {@code 100} ms. */
  public static final int DEFAULT_INITIAL_DELAY_MS = 100;

  /** The default bound of every pause = {@code 5000} ms. */
  public static final int DEFAULT_MAX_DELAY_MS = 5_000;

  /** The default number of tokens in the budget = {@code 10}. */
  public static final int DEFAULT_BUDGET_TOKENS = 10;

  private int maxAttempts = DEFAULT_MAX_ATTEMPTS;
  private int initialDelayMs = DEFAULT_INITIAL_DELAY_MS;
  private int maxDelayMs = DEFAULT_MAX_DELAY_MS;
  private int budgetTokens = DEFAULT_BUDGET_TOKENS;

  public RetryOptions() {}

  public RetryOptions(RetryOptions other) {
    maxAttempts = other.maxAttempts;
    initialDelayMs = other.initialDelayMs;
    maxDelayMs = other.maxDelayMs;
    budgetTokens = other.budgetTokens;
  }

  public RetryOptions(JsonObject json) {
    RetryOptionsConverter.fromJson(json, this);
  }

  public JsonObject toJson() {
    JsonObject json = new JsonObject();
    RetryOptionsConverter.toJson(this, json);
    return json;
  }

  public int getMaxAttempts() {
    return maxAttempts;
  }

  /** Sets how often a request is sent at most; 1 turns retries off. */
  public RetryOptions setMaxAttempts(int attempts) {
    maxAttempts = positive("maxAttempts", attempts);
    return this;
  }

  public int getInitialDelayMs() {
    return initialDelayMs;
  }

  /**
   * Sets the longest first pause in milliseconds. Each further one may be twice as long; all are
   * chosen at random between 0 and what they may be.
   */
  public RetryOptions setInitialDelayMs(int ms) {
    initialDelayMs = positive("initialDelayMs", ms);
    return this;
  }

  public int getMaxDelayMs() {
    return maxDelayMs;
  }

  /** Sets the longest pause in milliseconds that the client chooses; a server may ask for more. */
  public RetryOptions setMaxDelayMs(int ms) {
    maxDelayMs = positive("maxDelayMs", ms);
    return this;
  }

  public int getBudgetTokens() {
    return budgetTokens;
  }

  /**
   * Sets how many tokens the client's budget holds. A retry costs one, a success gives back a tenth
   * of one; with less than half of them nothing is retried, so that retries cannot multiply an
   * outage.
   */
  public RetryOptions setBudgetTokens(int tokens) {
    budgetTokens = positive("budgetTokens", tokens);
    return this;
  }

  private static int positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1: " + value);
    }
    return value;
  }
}

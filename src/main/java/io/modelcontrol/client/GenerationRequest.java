package io.modelcontrol.client;

import io.modelcontrol.ModelId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * What a model is asked to continue: tokens, and how the next ones are chosen. Contract 3, mode
 * {@code generate}. What is not set is chosen by the server: greedily, and at most 256 tokens.
 */
public final class GenerationRequest {
  /** The default input of token ids = {@code input_ids}. */
  public static final String DEFAULT_INPUT = "input_ids";

  /** The default number of tokens that may be on their way = {@code 16}. */
  public static final int DEFAULT_WINDOW = 16;

  /** The largest window that a server accepts = {@code 65536}. */
  public static final int MAX_WINDOW = 65_536;

  private static final long SEED_END = 1_000_000_000_000_000_000L;

  private final String model;
  private final long[] prompt;
  private final Map<String, String> parameters = new LinkedHashMap<>(4);
  private String version;
  private String input = DEFAULT_INPUT;
  private String traceparent;
  private int window = DEFAULT_WINDOW;
  private long timeoutMs;

  private GenerationRequest(String model, long[] prompt) {
    this.model = ModelId.checkName(model);
    this.prompt = prompt.clone();
    if (prompt.length == 0) {
      throw new IllegalArgumentException("prompt must have at least 1 token");
    }
  }

  /**
   * Asks the active version of a model to continue a prompt of token ids.
   *
   * @throws io.modelcontrol.McpException INVALID_ARGUMENT if this cannot be the name of a model
   */
  public static GenerationRequest of(String model, long... prompt) {
    return new GenerationRequest(model, prompt);
  }

  public String model() {
    return model;
  }

  /** A copy of the token ids. */
  public long[] prompt() {
    return prompt.clone();
  }

  /** The version; {@code null} is the active one. */
  public String version() {
    return version;
  }

  /** Asks a certain version. */
  public GenerationRequest version(String newVersion) {
    version = newVersion == null ? null : ModelId.checkVersion(newVersion);
    return this;
  }

  /** The model's input of token ids. */
  public String input() {
    return input;
  }

  /** Names the model's input of token ids, as its parameter {@code generate.tokens} does. */
  public GenerationRequest input(String name) {
    input = Objects.requireNonNull(name, "name");
    return this;
  }

  /** Sets after how many tokens the generation ends with finish reason {@code length}. */
  public GenerationRequest maxTokens(int tokens) {
    return parameter("max-tokens", Integer.toString(atLeast(1, "maxTokens", tokens)));
  }

  /** Sets how freely tokens are chosen: 0 always takes the most likely one, 1 as it was learned. */
  public GenerationRequest temperature(double temperature) {
    if (!(temperature >= 0) || Double.isInfinite(temperature)) {
      throw new IllegalArgumentException("temperature must be at least 0: " + temperature);
    }
    return parameter("temperature", Double.toString(temperature));
  }

  /** Chooses among so many of the most likely tokens only. */
  public GenerationRequest topK(int tokens) {
    return parameter("top-k", Integer.toString(atLeast(1, "topK", tokens)));
  }

  /** Chooses among the most likely tokens only that together have this probability. */
  public GenerationRequest topP(double probability) {
    if (!(probability > 0 && probability <= 1)) {
      throw new IllegalArgumentException("topP must be above 0, at most 1: " + probability);
    }
    return parameter("top-p", Double.toString(probability));
  }

  /** Sets the seed of the choice, of at most 18 digits: the same seed gives the same tokens. */
  public GenerationRequest seed(long seed) {
    if (seed <= -SEED_END || seed >= SEED_END) {
      throw new IllegalArgumentException("seed must have at most 18 digits: " + seed);
    }
    return parameter("seed", Long.toString(seed));
  }

  /** Ends the generation, with finish reason {@code stop}, before any of these tokens. */
  public GenerationRequest stopTokens(long... tokens) {
    return parameter(
        "stop-tokens",
        LongStream.of(tokens).mapToObj(Long::toString).collect(Collectors.joining(",")));
  }

  /** How many tokens may be on their way to the reader. */
  public int window() {
    return window;
  }

  /**
   * Sets how many tokens may be on their way to the reader: so far the server runs ahead of one
   * that pauses.
   */
  public GenerationRequest window(int tokens) {
    if (tokens < 1 || tokens > MAX_WINDOW) {
      throw new IllegalArgumentException("window must be 1 to " + MAX_WINDOW + ": " + tokens);
    }
    window = tokens;
    return this;
  }

  /** The time of the whole generation in milliseconds; 0 is the longest that the server gives. */
  public long timeoutMs() {
    return timeoutMs;
  }

  /** Sets the time of the whole generation in milliseconds; pauses of the reader count. */
  public GenerationRequest timeoutMs(long ms) {
    if (ms < 1) {
      throw new IllegalArgumentException("timeoutMs must be at least 1: " + ms);
    }
    timeoutMs = ms;
    return this;
  }

  /** The W3C trace context that the request belongs to, or {@code null}. */
  public String traceparent() {
    return traceparent;
  }

  public GenerationRequest traceparent(String newTraceparent) {
    traceparent = newTraceparent;
    return this;
  }

  public Map<String, String> parameters() {
    return Collections.unmodifiableMap(parameters);
  }

  /** Adds a parameter, or replaces the one of that key. */
  public GenerationRequest parameter(String key, String value) {
    parameters.put(key, Objects.requireNonNull(value, "value"));
    return this;
  }

  private static int atLeast(int least, String name, int value) {
    if (value < least) {
      throw new IllegalArgumentException(name + " must be at least " + least + ": " + value);
    }
    return value;
  }
}

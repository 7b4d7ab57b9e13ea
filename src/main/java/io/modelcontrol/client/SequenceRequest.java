package io.modelcontrol.client;

import io.modelcontrol.ModelId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a sequence is opened with: the model, and what holds for all its steps. Contract 3,
 * INFERENCE_STREAM.
 */
public final class SequenceRequest {
  /** Bytes of a sequence id. */
  public static final int SEQUENCE_ID_LENGTH = 16;

  private final String model;
  private final List<String> outputs = new ArrayList<>(0);
  private final Map<String, String> parameters = new LinkedHashMap<>(0);
  private String version;
  private byte[] sequenceId;
  private String traceparent;
  private long stepTimeoutMs;

  private SequenceRequest(String model) {
    this.model = ModelId.checkName(model);
  }

  /**
   * A sequence on the active version of a model.
   *
   * @throws io.modelcontrol.McpException INVALID_ARGUMENT if this cannot be the name of a model
   */
  public static SequenceRequest of(String model) {
    return new SequenceRequest(model);
  }

  public String model() {
    return model;
  }

  /** The version; {@code null} is the one that is active when the sequence begins. */
  public String version() {
    return version;
  }

  /** Asks a certain version. */
  public SequenceRequest version(String newVersion) {
    version = newVersion == null ? null : ModelId.checkVersion(newVersion);
    return this;
  }

  /** The id that the state is tied to, or {@code null} if it is tied to the stream. */
  public byte[] sequenceId() {
    return sequenceId == null ? null : sequenceId.clone();
  }

  /**
   * Ties the state to this id within the session, 16 bytes, which are copied: it outlives {@link
   * McpSequence#end()}, and a later sequence with the same id goes on with it.
   */
  public SequenceRequest sequenceId(byte[] id) {
    if (id.length != SEQUENCE_ID_LENGTH) {
      throw new IllegalArgumentException(
          "sequenceId must have " + SEQUENCE_ID_LENGTH + " bytes, has " + id.length);
    }
    sequenceId = id.clone();
    return this;
  }

  public List<String> outputs() {
    return Collections.unmodifiableList(outputs);
  }

  /** Adds an output that the results shall hold; without any they hold all but the state. */
  public SequenceRequest output(String name) {
    outputs.add(Objects.requireNonNull(name, "name"));
    return this;
  }

  /** The time of a step in milliseconds; 0 is the client's. */
  public long stepTimeoutMs() {
    return stepTimeoutMs;
  }

  /** Sets the time from the call of a step to its result, in milliseconds. */
  public SequenceRequest stepTimeoutMs(long ms) {
    if (ms < 1) {
      throw new IllegalArgumentException("stepTimeoutMs must be at least 1: " + ms);
    }
    stepTimeoutMs = ms;
    return this;
  }

  /** The W3C trace context that the sequence belongs to, or {@code null}. */
  public String traceparent() {
    return traceparent;
  }

  public SequenceRequest traceparent(String newTraceparent) {
    traceparent = newTraceparent;
    return this;
  }

  public Map<String, String> parameters() {
    return Collections.unmodifiableMap(parameters);
  }

  /** Adds a parameter, or replaces the one of that key. */
  public SequenceRequest parameter(String key, String value) {
    parameters.put(key, Objects.requireNonNull(value, "value"));
    return this;
  }
}

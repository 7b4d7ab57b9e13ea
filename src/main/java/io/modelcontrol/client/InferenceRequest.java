package io.modelcontrol.client;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.ModelId;
import io.modelcontrol.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What a model is asked: its name, input tensors, and what of the result is wanted. Contract 3,
 * Infer.
 *
 * <p>The caller stays the owner of the tensors, and leaves them unchanged until the request is
 * done. A request may be sent more than once; one with a request id is then the same request to the
 * server.
 */
public final class InferenceRequest {
  /** Bytes of a request id. */
  public static final int REQUEST_ID_LENGTH = 16;

  /** The smallest piece of a tensor = {@code 1024} bytes: less costs more than it carries. */
  public static final int MIN_SHARD_BYTES = 1024;

  private final String model;
  private final List<Tensor> inputs = new ArrayList<>(2);
  private final List<String> outputs = new ArrayList<>(0);
  private final Map<String, String> parameters = new LinkedHashMap<>(0);
  private String version;
  private byte[] requestId;
  private String traceparent;
  private long timeoutMs;
  private final Set<ErrorCode> groupCodes = EnumSet.noneOf(ErrorCode.class);
  private int shardBytes;

  private InferenceRequest(String model) {
    this.model = ModelId.checkName(model);
  }

  /**
   * A request to the active version of a model.
   *
   * @throws io.modelcontrol.McpException INVALID_ARGUMENT if this cannot be the name of a model
   */
  public static InferenceRequest of(String model, Tensor... inputs) {
    InferenceRequest request = new InferenceRequest(model);
    for (Tensor input : inputs) {
      request.input(input);
    }
    return request;
  }

  public String model() {
    return model;
  }

  /** The version; {@code null} is the active one. */
  public String version() {
    return version;
  }

  /** Asks a certain version. */
  public InferenceRequest version(String newVersion) {
    version = newVersion == null ? null : ModelId.checkVersion(newVersion);
    return this;
  }

  public List<Tensor> inputs() {
    return Collections.unmodifiableList(inputs);
  }

  /** Adds an input. */
  public InferenceRequest input(Tensor tensor) {
    inputs.add(Objects.requireNonNull(tensor, "tensor"));
    return this;
  }

  public List<String> outputs() {
    return Collections.unmodifiableList(outputs);
  }

  /** Adds an output that the result shall hold; without any it holds all. */
  public InferenceRequest output(String name) {
    outputs.add(Objects.requireNonNull(name, "name"));
    return this;
  }

  /** The time of this request in milliseconds; 0 is the client's. */
  public long timeoutMs() {
    return timeoutMs;
  }

  /** Sets the time from the call to the result, in milliseconds. */
  public InferenceRequest timeoutMs(long ms) {
    if (ms < 1) {
      throw new IllegalArgumentException("timeoutMs must be at least 1: " + ms);
    }
    timeoutMs = ms;
    return this;
  }

  /** Bytes of a piece of a large tensor; 0 leaves it to the client. */
  public int shardBytes() {
    return shardBytes;
  }

  /**
   * Sends tensors of more than so many bytes in pieces of that size, one message each. Without it
   * only a request that exceeds what the server accepts as one message is sent in pieces.
   */
  public InferenceRequest shardBytes(int bytes) {
    if (bytes < MIN_SHARD_BYTES) {
      throw new IllegalArgumentException(
          "shardBytes must be at least " + MIN_SHARD_BYTES + ": " + bytes);
    }
    shardBytes = bytes;
    return this;
  }

  /** The idempotency key; {@code null} where the client makes one up. */
  public byte[] requestId() {
    return requestId == null ? null : requestId.clone();
  }

  /** Sets the idempotency key, 16 bytes, which are copied. */
  public InferenceRequest requestId(byte[] id) {
    if (id.length != REQUEST_ID_LENGTH) {
      throw new IllegalArgumentException(
          "requestId must have " + REQUEST_ID_LENGTH + " bytes, has " + id.length);
    }
    requestId = id.clone();
    return this;
  }

  /** The W3C trace context that the request belongs to, or {@code null}. */
  public String traceparent() {
    return traceparent;
  }

  public InferenceRequest traceparent(String newTraceparent) {
    traceparent = newTraceparent;
    return this;
  }

  /** The errors of this request that cancel the others of its group. */
  public Set<ErrorCode> groupCodes() {
    return groupCodes.isEmpty() ? Set.of() : EnumSet.copyOf(groupCodes);
  }

  /**
   * Names errors that make the rest of a group pointless: if this request fails with one of them,
   * the {@link Cancellation} that it was sent with is canceled. Without them a request that fails
   * cancels nothing.
   */
  public InferenceRequest cancelGroupOn(ErrorCode... codes) {
    Collections.addAll(groupCodes, codes);
    return this;
  }

  public Map<String, String> parameters() {
    return Collections.unmodifiableMap(parameters);
  }

  /** Adds a parameter, or replaces the one of that key. */
  public InferenceRequest parameter(String key, String value) {
    parameters.put(key, Objects.requireNonNull(value, "value"));
    return this;
  }
}

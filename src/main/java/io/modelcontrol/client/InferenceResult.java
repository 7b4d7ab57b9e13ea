package io.modelcontrol.client;

import io.modelcontrol.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What a model answered. The tensors live in memory of the garbage collector: nothing has to be
 * released.
 */
public final class InferenceResult {
  /** The parameter in which a server tells the time inside the runtime, in microseconds. */
  public static final String RUNTIME_MICROS = "runtime-us";

  private final Map<String, Tensor> byName = new LinkedHashMap<>();
  private final List<Tensor> tensors;
  private final Map<String, String> parameters;
  private final String modelVersion;

  /** Made by the client. */
  public InferenceResult(
      List<Tensor> tensors, Map<String, String> parameters, String modelVersion) {
    this.tensors = List.copyOf(tensors);
    this.parameters = Map.copyOf(parameters);
    this.modelVersion = modelVersion;
    tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
  }

  /** All outputs, in the order of the server. */
  public List<Tensor> tensors() {
    return tensors;
  }

  /**
   * The output of a name.
   *
   * @throws IllegalArgumentException if the result has none of that name
   */
  public Tensor tensor(String name) {
    Tensor tensor = byName.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("no output '" + name + "', there are " + byName.keySet());
    }
    return tensor;
  }

  /**
   * The first output.
   *
   * @throws IllegalStateException if the result has none
   */
  public Tensor first() {
    if (tensors.isEmpty()) {
      throw new IllegalStateException("the result has no output");
    }
    return tensors.get(0);
  }

  /** The version that answered; {@code null} where the server does not tell. */
  public String modelVersion() {
    return modelVersion;
  }

  public Map<String, String> parameters() {
    return parameters;
  }

  /** The time inside the runtime, in microseconds; empty where the server does not tell. */
  public OptionalLong runtimeMicros() {
    String told = parameters.get(RUNTIME_MICROS);
    try {
      return told == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(told));
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  @Override
  public String toString() {
    return tensors.toString();
  }
}

package io.modelcontrol;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What a node tells of a model version. Contract 4, ModelDescriptor.
 *
 * @param id name and version
 * @param digest SHA-256 of its content; {@code null} where unknown
 * @param inputs what a request must bring, in the model's order
 * @param outputs what a result can hold, in the model's order
 * @param preprocess applied in order to an image input
 * @param runtime the runtime that executes it: "onnx", "reference"
 * @param parameters as given when it was loaded; those that begin with {@code status.} are the
 *     node's own
 * @param state where in its life it is
 */
public record ModelDescriptor(
    ModelId id,
    Digest digest,
    List<TensorSpec> inputs,
    List<TensorSpec> outputs,
    List<PreprocessStep> preprocess,
    String runtime,
    Map<String, String> parameters,
    ModelState state) {

  public ModelDescriptor {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(state, "state");
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    preprocess = List.copyOf(preprocess);
    parameters = Collections.unmodifiableMap(new TreeMap<>(parameters));
  }

  /** The same with one parameter more. */
  public ModelDescriptor withParameter(String key, String value) {
    Map<String, String> more = new TreeMap<>(parameters);
    more.put(key, value);
    return new ModelDescriptor(id, digest, inputs, outputs, preprocess, runtime, more, state);
  }

  public ModelDescriptor withState(ModelState newState) {
    return new ModelDescriptor(
        id, digest, inputs, outputs, preprocess, runtime, parameters, newState);
  }
}

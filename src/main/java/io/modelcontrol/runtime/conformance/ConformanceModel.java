package io.modelcontrol.runtime.conformance;

import io.modelcontrol.TensorSpec;
import java.util.List;

/**
 * A model to try a runtime with.
 *
 * @param content what the runtime is given as a file
 * @param inputs what the content declares, in its order
 * @param outputs what the content declares, in its order
 */
public record ConformanceModel(byte[] content, List<TensorSpec> inputs, List<TensorSpec> outputs) {
  public ConformanceModel {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }
}

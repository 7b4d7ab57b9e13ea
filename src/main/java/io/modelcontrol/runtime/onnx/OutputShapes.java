package io.modelcontrol.runtime.onnx;

import io.modelcontrol.DataType;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Which shapes the outputs of the last runs had: a run with inputs of the same shapes will have the
 * same, unless they depend on the inputs' values. Where they do, nothing is expected any more.
 * Thread-safe.
 */
final class OutputShapes {
  /** Batches come in many sizes; a model whose inputs have more shapes is not slower for it. */
  private static final int MAX_KNOWN = 16;

  private record Known(List<TensorSpec> inputs, Set<String> requested, List<TensorSpec> outputs) {}

  /** The newest first; replaced, never changed. */
  private volatile List<Known> known = List.of();

  private volatile boolean varying;

  /** The outputs of a run in their order; empty where nothing is known about them. */
  List<TensorSpec> expected(List<Tensor> inputs, Set<String> requested) {
    for (Known one : known) {
      if (isLike(one.inputs, inputs) && one.requested.equals(requested)) {
        return one.outputs;
      }
    }
    return List.of();
  }

  /** A run has ended with these outputs. */
  synchronized void learn(List<Tensor> inputs, Set<String> requested, List<Tensor> outputs) {
    if (!varying && outputs.stream().allMatch(OutputShapes::hasSize)) {
      List<Known> newest = new ArrayList<>(MAX_KNOWN);
      newest.add(new Known(specs(inputs), Set.copyOf(requested), specs(outputs)));
      known.stream().limit(MAX_KNOWN - 1L).forEach(newest::add);
      known = List.copyOf(newest);
    }
  }

  /** A run did not end as expected. */
  synchronized void vary() {
    varying = true;
    known = List.of();
  }

  /** Whether its memory can be made before its values are known. */
  private static boolean hasSize(Tensor output) {
    return output.dataType() != DataType.STRING
        && output.byteLength() > 0
        && RunInputs.isTaken(output.dataType());
  }

  private static List<TensorSpec> specs(List<Tensor> tensors) {
    return tensors.stream()
        .map(tensor -> new TensorSpec(tensor.name(), tensor.dataType(), tensor.shape()))
        .toList();
  }

  private static boolean isLike(List<TensorSpec> specs, List<Tensor> tensors) {
    if (specs.size() != tensors.size()) {
      return false;
    }
    for (int i = 0; i < tensors.size(); i++) {
      if (!isLike(specs.get(i), tensors.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isLike(TensorSpec spec, Tensor tensor) {
    if (spec.rank() != tensor.rank() || !spec.name().equals(tensor.name())) {
      return false;
    }
    for (int i = 0; i < tensor.rank(); i++) {
      if (spec.dimension(i) != tensor.dimension(i)) {
        return false;
      }
    }
    return true;
  }
}

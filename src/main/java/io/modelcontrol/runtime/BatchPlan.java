package io.modelcontrol.runtime;

import io.modelcontrol.DataType;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.modelcontrol.runtime.preprocess.PreprocessChain;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which requests for a model can be joined: those that bring all its inputs as it declares them,
 * where inputs and requested outputs have a dynamic first dimension. What does not fit has no key,
 * runs alone, and gets its error from the runtime. Thread-safe.
 */
final class BatchPlan {
  private static final Logger LOG = LoggerFactory.getLogger(BatchPlan.class);

  private final Map<String, TensorSpec> inputs;
  private final Map<String, TensorSpec> outputs;
  private final boolean allOutputsAreRows;
  private final PreprocessChain chain;
  private volatile boolean givenUp;

  BatchPlan(List<TensorSpec> inputs, List<TensorSpec> outputs, PreprocessChain chain) {
    this.inputs = byName(inputs);
    this.outputs = byName(outputs);
    this.allOutputsAreRows = outputs.stream().allMatch(BatchPlan::isRows);
    this.chain = chain;
  }

  private static Map<String, TensorSpec> byName(List<TensorSpec> specs) {
    return specs.stream()
        .collect(Collectors.toMap(TensorSpec::name, Function.identity(), (a, b) -> a));
  }

  /** What no request of the model can be joined for; empty if some can. */
  Optional<String> obstacle() {
    for (TensorSpec input : inputs.values()) {
      if (!isRows(input)) {
        return Optional.of("input '" + input.name() + "' has no dynamic first dimension");
      }
    }
    return inputs.isEmpty()
        ? Optional.of("it has no input")
        : outputs.values().stream().anyMatch(BatchPlan::isRows)
            ? Optional.empty()
            : Optional.of("no output has a dynamic first dimension");
  }

  private static boolean isRows(TensorSpec spec) {
    return spec.rank() > 0 && spec.dimension(0) == TensorSpec.DYNAMIC && isJoined(spec.dataType());
  }

  /** Whether tensors of a type are joined by putting their bytes one after the other. */
  private static boolean isJoined(DataType type) {
    return type != null && type.bits() >= Byte.SIZE;
  }

  /** The rows of a batch turned out not to be those of its members: none is made any more. */
  void giveUp(String model, String why) {
    if (!givenUp) {
      givenUp = true;
      LOG.warn("Requests for model {} are not batched any more: {}", model, why);
    }
  }

  /** What a request has in common with those it can be joined with; null if it runs alone. */
  BatchKey keyOrNull(List<Tensor> tensors, List<String> requested) {
    if (givenUp || tensors.isEmpty() || !isAnswered(requested)) {
      return null;
    }
    Set<String> given = new HashSet<>();
    List<BatchKey.Input> parts = new ArrayList<>(tensors.size());
    long rows = rows(tensors.get(0));
    for (Tensor tensor : tensors) {
      TensorSpec spec = inputs.get(tensor.name());
      if (spec == null || !given.add(tensor.name())) {
        return null;
      }
      BatchKey.Input part = part(tensor, spec);
      if (part == null || rows(tensor) != rows) {
        return null;
      }
      parts.add(part);
    }
    parts.sort(Comparator.comparing(BatchKey.Input::name));
    return given.size() == inputs.size() ? new BatchKey(parts, requested) : null;
  }

  private boolean isAnswered(List<String> requested) {
    if (requested.isEmpty()) {
      return allOutputsAreRows;
    }
    return new HashSet<>(requested).size() == requested.size()
        && requested.stream()
            .allMatch(name -> outputs.containsKey(name) && isRows(outputs.get(name)));
  }

  private BatchKey.Input part(Tensor tensor, TensorSpec spec) {
    if (!isRows(spec)) {
      return null;
    }
    if (chain.appliesTo(tensor, spec)) {
      return new BatchKey.Input(tensor.name(), spec.dataType(), List.of());
    }
    if (tensor.dataType() != spec.dataType()
        || !spec.acceptsShape(tensor.shape())
        || tensor.dimension(0) < 1) {
      return null;
    }
    List<Long> row = new ArrayList<>(tensor.rank() - 1);
    for (int i = 1; i < tensor.rank(); i++) {
      row.add(tensor.dimension(i));
    }
    return new BatchKey.Input(tensor.name(), tensor.dataType(), row);
  }

  /** How many rows a request has; at most that many that an int holds. */
  int rows(List<Tensor> tensors) {
    return tensors.isEmpty() ? 1 : (int) Math.min(Integer.MAX_VALUE, rows(tensors.get(0)));
  }

  private long rows(Tensor tensor) {
    TensorSpec spec = inputs.get(tensor.name());
    boolean image = spec != null && chain.appliesTo(tensor, spec);
    return image || tensor.rank() == 0 ? 1 : Math.max(1, tensor.dimension(0));
  }
}

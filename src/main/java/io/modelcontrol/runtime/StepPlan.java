package io.modelcontrol.runtime;

import io.modelcontrol.DataType;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.modelcontrol.runtime.preprocess.PreprocessChain;
import io.modelcontrol.wire.Message;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which steps of a model's sequences can be joined: where the load request says along which
 * dimension each state is, those that bring all inputs as the model declares them, with one row
 * where the first dimension is dynamic. Inputs without rows, such as a sampling rate, have to be
 * the same. What does not fit has no key and runs alone. Thread-safe.
 */
final class StepPlan {
  private static final Logger LOG = LoggerFactory.getLogger(StepPlan.class);

  /** Larger inputs without rows are not compared: they are no settings of a run. */
  private static final int MAX_SHARED_BYTES = 64;

  private final StateSpec spec;
  private final Map<String, TensorSpec> inputs;
  private final List<String> plainOutputs;
  private final List<BatchKey.Input> firstStates;
  private final int[] axes;
  private final boolean joins;
  private volatile boolean givenUp;

  StepPlan(
      StateSpec spec, List<TensorSpec> inputs, List<TensorSpec> outputs, PreprocessChain chain) {
    this.spec = spec;
    List<String> stateInputs = spec.links().stream().map(link -> link.input().name()).toList();
    List<String> stateOutputs = spec.links().stream().map(StateSpec.Link::output).toList();
    this.inputs =
        inputs.stream()
            .filter(input -> !stateInputs.contains(input.name()))
            .collect(Collectors.toMap(TensorSpec::name, Function.identity(), (a, b) -> a));
    this.plainOutputs =
        outputs.stream()
            .map(TensorSpec::name)
            .filter(output -> !stateOutputs.contains(output))
            .toList();
    firstStates =
        spec.links().stream()
            .map(
                link ->
                    without(
                        link.input().name(),
                        link.input().dataType(),
                        link.firstShape(),
                        link.axis()))
            .toList();
    axes = axes(spec);
    joins = spec.joins() && chain.isEmpty() && this.inputs.values().stream().anyMatch(this::isRow);
  }

  /** Whether some steps can be joined. */
  boolean joins() {
    return joins;
  }

  /** What runs gave was not what their members asked for: none is made any more. */
  void giveUp(String model, String why) {
    if (!givenUp) {
      givenUp = true;
      LOG.warn("Steps of sequences of model {} are not batched any more: {}", model, why);
    }
  }

  /**
   * What a step has in common with those it can be joined with; null if it runs alone.
   *
   * @param stateOrNull where it goes on from; null for the first step
   */
  StepKey keyOrNull(Message step, CarriedState stateOrNull) {
    List<Tensor> tensors = step.tensors();
    if (!joins || givenUp || tensors.size() != inputs.size()) {
      return null;
    }
    List<BatchKey.Input> states = stateOrNull == null ? firstStates : states(stateOrNull);
    List<BatchKey.Input> rows = new ArrayList<>();
    Map<String, ByteBuffer> shared = new TreeMap<>();
    for (Tensor tensor : tensors) {
      TensorSpec declared = inputs.get(tensor.name());
      if (declared == null
          || tensor.dataType() != declared.dataType()
          || !declared.acceptsShape(tensor.shape())) {
        return null;
      }
      if (isRow(declared) && tensor.dimension(0) == 1) {
        rows.add(without(tensor.name(), tensor.dataType(), tensor.shape(), 0));
      } else if (!isRow(declared) && tensor.byteLength() <= MAX_SHARED_BYTES) {
        shared.put(tensor.name(), bytes(tensor));
      } else {
        return null;
      }
    }
    if (rows.size() + shared.size() != inputs.size() || states.isEmpty()) {
      return null;
    }
    rows.sort(Comparator.comparing(BatchKey.Input::name));
    return new StepKey(rows, shared, states, step.requestedOutputs());
  }

  /** Nothing if the state is closed. */
  private List<BatchKey.Input> states(CarriedState state) {
    List<BatchKey.Input> alike = new ArrayList<>();
    for (Tensor tensor : state.current(spec)) {
      StateSpec.Link link = spec.links().get(alike.size());
      alike.add(without(tensor.name(), tensor.dataType(), tensor.shape(), link.axis()));
      tensor.release();
    }
    return alike;
  }

  private boolean isRow(TensorSpec input) {
    return input.rank() > 0
        && input.dimension(0) == TensorSpec.DYNAMIC
        && input.dataType() != null
        && input.dataType().bits() >= Byte.SIZE;
  }

  private static BatchKey.Input without(String name, DataType type, long[] shape, int axis) {
    List<Long> others = new ArrayList<>(shape.length);
    for (int i = 0; i < shape.length; i++) {
      if (i != axis) {
        others.add(shape[i]);
      }
    }
    return new BatchKey.Input(name, type, others);
  }

  private static ByteBuffer bytes(Tensor tensor) {
    byte[] copy = new byte[tensor.byteLength()];
    tensor.data().getBytes(tensor.data().readerIndex(), copy);
    return ByteBuffer.wrap(copy);
  }

  /** The inputs of a step that has a key and its states, in the order of {@link #axes}. */
  List<Tensor> ordered(Message step, List<Tensor> states) {
    List<Tensor> ordered = new ArrayList<>(step.tensors());
    ordered.sort(Comparator.comparing(Tensor::name));
    ordered.addAll(states);
    return ordered;
  }

  /** Along which dimension each is joined; -1 for what is the same for all. */
  int[] axes() {
    return axes;
  }

  private int[] axes(StateSpec states) {
    List<Integer> axes = new ArrayList<>();
    new TreeMap<>(inputs).values().forEach(input -> axes.add(isRow(input) ? 0 : StateSpec.NO_AXIS));
    states.links().forEach(link -> axes.add(link.axis()));
    return axes.stream().mapToInt(Integer::intValue).toArray();
  }

  /** What a step is answered: the outputs that it asks for, or all that are no state. */
  List<String> outputs(StepKey key) {
    return key.outputs().isEmpty() ? plainOutputs : key.outputs();
  }

  StateSpec spec() {
    return spec;
  }
}

package io.modelcontrol.runtime;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** State for any runtime: the state outputs of a step, by reference, are inputs of the next one. */
final class CarriedState implements SequenceState {
  private final LoadedModel model;
  private final Map<String, String> inputOf;
  private final List<String> plainOutputs;
  private final Map<String, Tensor> state = new HashMap<>();
  private boolean closed;

  CarriedState(LoadedModel model, StateSpec spec) {
    this.model = model;
    inputOf =
        spec.links().stream()
            .collect(Collectors.toMap(StateSpec.Link::output, link -> link.input().name()));
    plainOutputs =
        model.outputs().stream()
            .map(TensorSpec::name)
            .filter(name -> !inputOf.containsKey(name))
            .toList();
    for (StateSpec.Link link : spec.links()) {
      state.put(link.input().name(), zeros(link));
    }
  }

  /** The first state of an input. */
  static Tensor zeros(StateSpec.Link link) {
    TensorSpec input = link.input();
    byte[] bytes = new byte[link.firstBytes()];
    return Tensor.of(
        input.name(), input.dataType(), link.firstShape(), Unpooled.wrappedBuffer(bytes));
  }

  @Override
  public synchronized List<Tensor> step(
      List<Tensor> inputs, List<String> requestedOutputs, RunControl control) {
    requireOpen();
    List<Tensor> all = new ArrayList<>(inputs);
    for (Tensor input : inputs) {
      if (state.containsKey(input.name())) {
        throw stateGiven(input.name());
      }
    }
    all.addAll(state.values());
    List<String> outputs =
        new ArrayList<>(requestedOutputs.isEmpty() ? plainOutputs : requestedOutputs);
    for (String output : outputs) {
      if (inputOf.containsKey(output)) {
        throw stateRequested(output);
      }
    }
    outputs.addAll(inputOf.keySet());
    return split(model.infer(all, outputs, control));
  }

  /**
   * What the next step reads, in the order of the links, retained for the caller; empty if the
   * state is closed.
   */
  synchronized List<Tensor> current(StateSpec spec) {
    return closed
        ? List.of()
        : spec.links().stream().map(link -> state.get(link.input().name()).retain()).toList();
  }

  /** A step was made elsewhere: these are the next state, by the names of the inputs. */
  synchronized void advance(List<Tensor> next) {
    if (closed) {
      next.forEach(Tensor::release);
    } else {
      next.forEach(tensor -> state.put(tensor.name(), tensor).release());
    }
  }

  private List<Tensor> split(List<Tensor> outputs) {
    List<Tensor> plain = new ArrayList<>();
    for (Tensor output : outputs) {
      String input = inputOf.get(output.name());
      if (input == null) {
        plain.add(output);
      } else {
        state.put(input, output.renamed(input)).release();
      }
    }
    return plain;
  }

  private void requireOpen() {
    if (closed) {
      throw McpException.streamError(ErrorCode.REQUEST_CANCELED, "the sequence has ended");
    }
  }

  static McpException stateGiven(String input) {
    return McpException.streamError(
        ErrorCode.INVALID_TENSOR,
        "input '" + input + "' is the sequence's state, which is not sent");
  }

  static McpException stateRequested(String output) {
    return McpException.streamError(
        ErrorCode.INVALID_ARGUMENT,
        "output '" + output + "' is the sequence's state, which is not returned");
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      state.values().forEach(Tensor::release);
      state.clear();
    }
  }
}

package io.modelcontrol.runtime.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.runtime.RunControl;
import io.modelcontrol.runtime.SequenceState;
import io.modelcontrol.runtime.StateSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A sequence's state in native memory: what a step writes there, the next one reads there. Nothing
 * of it is copied through the heap, and what is known in shape is written where it stays.
 */
final class OnnxState implements SequenceState {
  private final OnnxModel model;
  private final String tokensInput;
  private final Map<String, StateSlot> slotByInput = new LinkedHashMap<>();
  private final Map<String, StateSlot> slotByOutput = new LinkedHashMap<>();
  private boolean closed;

  /**
   * Zeros.
   *
   * @throws McpException UNSUPPORTED_DTYPE if a state's type cannot be held
   */
  OnnxState(OnnxModel model, StateSpec spec) {
    this.model = model;
    tokensInput = spec.tokensInputOrNull();
    try {
      for (StateSpec.Link link : spec.links()) {
        StateSlot slot = new StateSlot(model.environment(), link);
        slotByInput.put(link.input().name(), slot);
        slotByOutput.put(link.output(), slot);
      }
    } catch (RuntimeException | Error e) {
      free();
      throw e;
    }
  }

  @Override
  public List<Tensor> step(List<Tensor> inputs, List<String> requestedOutputs, RunControl control) {
    return model.whileOpen(
        control,
        () -> {
          if (closed) {
            throw McpException.streamError(ErrorCode.REQUEST_CANCELED, "the sequence has ended");
          }
          return run(inputs, requestedOutputs, control);
        });
  }

  private List<Tensor> run(List<Tensor> inputs, List<String> requestedOutputs, RunControl control)
      throws OrtException {
    model.check().checkStep(inputs, slotByInput.keySet());
    Set<String> outputs = model.check().stepOutputs(requestedOutputs, slotByOutput.keySet());
    control.check();
    try (RunInputs given = new RunInputs(model.environment())) {
      for (Tensor input : inputs) {
        given.add(input);
      }
      for (Map.Entry<String, StateSlot> slot : slotByInput.entrySet()) {
        given.byName().put(slot.getKey(), slot.getValue().current());
      }
      boolean pinned = pin(tokens(inputs));
      try {
        return run(given, outputs, control);
      } catch (OrtException e) {
        control.check();
        if (!pinned) {
          throw e;
        }
        // The shape was not what the steps before it led to expect: ONNX Runtime finds it.
        slotByOutput.values().forEach(StateSlot::neverPin);
        return run(given, outputs, control);
      }
    }
  }

  private long tokens(List<Tensor> inputs) {
    for (Tensor input : inputs) {
      if (input.name().equals(tokensInput) && input.rank() > 0) {
        return input.dimension(input.rank() - 1);
      }
    }
    return 0;
  }

  private boolean pin(long tokens) throws OrtException {
    boolean any = false;
    for (StateSlot slot : slotByOutput.values()) {
      any |= slot.pin(tokens);
    }
    return any;
  }

  private List<Tensor> run(RunInputs given, Set<String> outputs, RunControl control)
      throws OrtException {
    Map<String, OnnxTensor> pinned = new LinkedHashMap<>();
    Set<String> requested = new LinkedHashSet<>(outputs);
    for (Map.Entry<String, StateSlot> slot : slotByOutput.entrySet()) {
      OnnxTensor next = slot.getValue().pinnedOrNull();
      if (next != null) {
        pinned.put(slot.getKey(), next);
      } else {
        requested.add(slot.getKey());
      }
    }
    OrtSession.Result result = model.run(given.byName(), requested, pinned, control);
    List<OnnxValue> plain = new ArrayList<>();
    for (Map.Entry<String, OnnxValue> output : result) {
      StateSlot slot = slotByOutput.get(output.getKey());
      if (slot == null) {
        plain.add(output.getValue());
      } else {
        slot.advance((OnnxTensor) output.getValue());
      }
    }
    try {
      return copy(result, outputs);
    } finally {
      // Not the result as a whole: it would close what is state now.
      plain.forEach(OnnxValue::close);
    }
  }

  private List<Tensor> copy(OrtSession.Result result, Set<String> outputs) throws OrtException {
    RunOutputs copies = new RunOutputs(model.environment());
    List<Tensor> tensors = new ArrayList<>(outputs.size());
    boolean complete = false;
    try {
      for (String name : outputs) {
        tensors.add(copies.copy(name, result.get(name).orElseThrow()));
      }
      complete = true;
      return tensors;
    } finally {
      if (!complete) {
        tensors.forEach(Tensor::release);
      }
    }
  }

  @Override
  public void close() {
    model.forget(this);
  }

  /** Frees the memory, once; the model lets no step run meanwhile. */
  void free() {
    if (!closed) {
      closed = true;
      slotByInput.values().forEach(StateSlot::close);
    }
  }
}

package io.modelcontrol.runtime.reference;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.modelcontrol.runtime.LoadedModel;
import io.modelcontrol.runtime.RunControl;
import java.util.ArrayList;
import java.util.List;

/** Checks a request against the declared inputs and outputs around any operation. */
final class ReferenceModel implements LoadedModel {
  private final Operation operation;
  private volatile boolean closed;

  ReferenceModel(Operation operation) {
    this.operation = operation;
  }

  @Override
  public List<TensorSpec> inputs() {
    return operation.inputs();
  }

  @Override
  public List<TensorSpec> outputs() {
    return List.of(operation.output());
  }

  @Override
  public List<Tensor> infer(
      List<Tensor> inputs, List<String> requestedOutputs, RunControl control) {
    if (closed) {
      throw McpException.streamError(ErrorCode.MODEL_NOT_READY, "the model is closed");
    }
    control.check();
    checkRequested(requestedOutputs);
    List<Tensor> ordered = ordered(inputs);
    return List.of(operation.run(ordered, control));
  }

  private void checkRequested(List<String> requested) {
    String known = operation.output().name();
    for (String name : requested) {
      if (!name.equals(known)) {
        throw McpException.streamError(
            ErrorCode.INVALID_ARGUMENT,
            "the model has no output '" + name + "', expected '" + known + "'");
      }
    }
    if (requested.size() > 1) {
      throw McpException.streamError(
          ErrorCode.INVALID_ARGUMENT, "output '" + known + "' is requested more than once");
    }
  }

  private List<Tensor> ordered(List<Tensor> inputs) {
    List<TensorSpec> specs = operation.inputs();
    List<Tensor> ordered = new ArrayList<>(specs.size());
    for (TensorSpec spec : specs) {
      ordered.add(find(inputs, spec));
    }
    if (inputs.size() != specs.size()) {
      throw invalid(
          "the model has "
              + specs.size()
              + " inputs, got "
              + inputs.size()
              + ": expected "
              + specs.stream().map(TensorSpec::name).toList());
    }
    return ordered;
  }

  private static Tensor find(List<Tensor> inputs, TensorSpec spec) {
    for (Tensor input : inputs) {
      if (input.name().equals(spec.name())) {
        if (input.dataType() != spec.dataType() || !spec.acceptsShape(input.shape())) {
          throw invalid("expected input " + spec + ", got " + input);
        }
        return input;
      }
    }
    throw invalid("input '" + spec.name() + "' is missing");
  }

  private static McpException invalid(String text) {
    return McpException.streamError(ErrorCode.INVALID_TENSOR, text);
  }

  /** Nothing to free: the model is on the heap. */
  @Override
  public void close() {
    closed = true;
  }
}

package io.modelcontrol.runtime;

import io.modelcontrol.McpException;
import io.modelcontrol.ModelId;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.modelcontrol.runtime.preprocess.PreprocessChain;
import io.modelcontrol.telemetry.Activity;
import io.modelcontrol.telemetry.Operation;
import io.modelcontrol.telemetry.Telemetry;
import io.modelcontrol.telemetry.TraceContext;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Executes requests on the loaded copy of a model, for its workers: messages in, messages out. */
final class ModelExecution implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ModelExecution.class);

  private final SharedModel shared;
  private final LoadedModel model;
  private final Telemetry telemetry;
  private final Batches batches;
  private final StepBatches steps;

  ModelExecution(SharedModel shared, LoadedModel model, Telemetry telemetry) {
    this.shared = shared;
    this.model = model;
    this.telemetry = telemetry;
    this.batches = new Batches(this, shared.batchPlan(), telemetry);
    this.steps = new StepBatches(this, shared.stepPlan(), telemetry);
  }

  LoadedModel model() {
    return model;
  }

  ModelId id() {
    return shared.id();
  }

  /** Runs requests as one. */
  Batches batches() {
    return batches;
  }

  /** Runs steps of sequences as one. */
  StepBatches steps() {
    return steps;
  }

  StateSpec stateSpec() {
    return shared.stateSpec();
  }

  /** Zeros; the caller closes it. Where steps are joined, tensors that can be joined. */
  SequenceState newState() {
    return shared.stepPlan().joins()
        ? new CarriedState(model, shared.stateSpec())
        : model.newState(shared.stateSpec());
  }

  /** The answer to a whole request; the request stays the caller's. */
  Message infer(Message request, RunControl control, TraceContext parentOrNull) {
    return answer(request, control, parentOrNull, model::infer);
  }

  /** The answer to a step of a sequence; the request stays the caller's. */
  Message step(
      SequenceState state, Message request, RunControl control, TraceContext parentOrNull) {
    return answer(request, control, parentOrNull, state::step);
  }

  /** One run: {@link LoadedModel#infer} or {@link SequenceState#step}. */
  private interface Run {
    List<Tensor> run(List<Tensor> inputs, List<String> outputs, RunControl control);
  }

  private Message answer(Message request, RunControl control, TraceContext parentOrNull, Run run) {
    long start = System.nanoTime();
    List<Tensor> made = new ArrayList<>(0);
    try {
      control.check();
      List<Tensor> inputs = prepare(request.tensors(), made, parentOrNull);
      List<Tensor> outputs = run.run(inputs, request.requestedOutputs(), control);
      long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start);
      return result(outputs, micros);
    } catch (RuntimeException | Error e) {
      return Message.error(failed(e));
    } finally {
      made.forEach(Tensor::release);
    }
  }

  /** An answer with these outputs, which it takes over. */
  static Message result(List<Tensor> outputs, long micros) {
    Message result = Message.of(MessageType.INFERENCE_RESULT);
    outputs.forEach(result::tensor);
    return result.parameter("runtime-us", Long.toString(micros));
  }

  /** What a caller is told of a failure of a run; what is no {@link McpException} is logged. */
  McpException failed(Throwable failure) {
    McpException error = RunFailure.of(failure, "the node");
    if (error != failure) {
      LOG.error("Model {} failed on a request", shared.id(), failure);
    }
    return error;
  }

  /**
   * Images become what the model asks for; all other tensors stay as they are.
   *
   * @param made takes the tensors that are new, which the caller releases
   */
  List<Tensor> prepare(List<Tensor> given, List<Tensor> made, TraceContext parentOrNull) {
    PreprocessChain chain = shared.preprocess();
    if (chain.isEmpty()) {
      return given;
    }
    Activity work =
        telemetry.start(Operation.PREPROCESS, parentOrNull).tag("model", shared.id().name());
    try {
      List<Tensor> inputs = prepared(chain, given, made);
      work.end();
      return inputs;
    } catch (RuntimeException | Error e) {
      work.fail(e);
      throw e;
    }
  }

  private List<Tensor> prepared(PreprocessChain chain, List<Tensor> given, List<Tensor> made) {
    List<Tensor> inputs = new ArrayList<>(given);
    for (int i = 0; i < inputs.size(); i++) {
      Tensor tensor = inputs.get(i);
      for (TensorSpec spec : model.inputs()) {
        if (spec.name().equals(tensor.name()) && chain.appliesTo(tensor, spec)) {
          Tensor prepared = chain.apply(tensor, spec);
          made.add(prepared);
          inputs.set(i, prepared);
        }
      }
    }
    return inputs;
  }

  @Override
  public void close() {
    batches.close();
    steps.close();
  }
}

package io.modelcontrol.runtime;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelId;
import io.modelcontrol.ModelState;
import io.modelcontrol.PreprocessStep;
import io.modelcontrol.runtime.preprocess.PreprocessChain;
import io.modelcontrol.runtime.preprocess.PreprocessSteps;
import io.modelcontrol.telemetry.Telemetry;
import io.modelcontrol.wire.Message;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The one loaded copy of a model version that its workers share: loaded for its first user, closed
 * by the last, when no worker runs it any more.
 */
final class SharedModel {
  /** The load parameter that holds a preprocess chain. */
  static final String PREPROCESS = "preprocess";

  /** Parameter of a descriptor; in a load request it means nothing. */
  private static final String PROVIDERS = "execution-providers";

  private final ModelId id;
  private final ModelRuntime runtime;
  private final Path content;
  private final Map<String, String> parameters;
  private final RuntimeSettings settings;
  private final Activation activation;
  private volatile LoadedModel model;
  private PreprocessChain chain;
  private StateSpec stateSpec;
  private BatchPlan batchPlan;
  private StepPlan stepPlan;
  private List<PreprocessStep> steps = List.of();
  private int users;

  SharedModel(
      ModelId id,
      ModelRuntime runtime,
      Path content,
      Map<String, String> parameters,
      RuntimeSettings settings,
      Activation activation) {
    this.id = id;
    this.runtime = runtime;
    this.content = content;
    this.parameters = parameters;
    this.settings = settings;
    this.activation = activation;
  }

  ModelId id() {
    return id;
  }

  /** Whether runs are only waited for here. */
  boolean isRemote() {
    return runtime.isRemote();
  }

  /** Whether loads or runs may start threads, which inherit the priority of who starts them. */
  boolean startsThreads() {
    return isRemote() || runtime.startsThreads(parameters, settings);
  }

  /** READY, or what has become of the process of the model. */
  ModelState state() {
    return model.state();
  }

  /** Blocks while the first caller loads. */
  synchronized LoadedModel acquire() {
    if (users == 0) {
      model = runtime.load(content, parameters, settings);
      try {
        steps = steps(model);
        chain = PreprocessChain.compile(steps);
        stateSpec = StateSpec.of(parameters, model.inputs(), model.outputs());
        batchPlan = new BatchPlan(model.inputs(), model.outputs(), chain);
        stepPlan = new StepPlan(stateSpec, model.inputs(), model.outputs(), chain);
        requireBatches();
        if (runtime.activates()) {
          activation.run(model);
        }
        model.serves();
      } catch (RuntimeException | Error e) {
        model.close();
        throw e;
      }
    }
    users++;
    return model;
  }

  /** A load request that asks for batches of a model that cannot is refused, not ignored. */
  private void requireBatches() {
    if (BatchSettings.of(parameters, BatchSettings.OFF).isOn() && !stepPlan.joins()) {
      batchPlan
          .obstacle()
          .ifPresent(
              why -> {
                throw McpException.streamError(
                    ErrorCode.INVALID_ARGUMENT,
                    "parameter " + BatchSettings.MAX_SIZE + " does not suit the model: " + why);
              });
    }
  }

  /** Blocks while the last user closes. */
  synchronized void release() {
    if (--users == 0) {
      model.close();
    }
  }

  /** Answers a request on the calling thread; the request stays the caller's. Blocks. */
  Message infer(Message request, RunControl control, Telemetry telemetry) {
    LoadedModel used = acquire();
    try (ModelExecution execution = new ModelExecution(this, used, telemetry)) {
      return execution.infer(request, control, null);
    } finally {
      release();
    }
  }

  PreprocessChain preprocess() {
    return chain;
  }

  /** Those of the load request, and what the operator's choice of providers has come to. */
  Map<String, String> parameters() {
    Map<String, String> all = new LinkedHashMap<>(parameters);
    all.remove(PROVIDERS);
    if (!model.executionProviders().isEmpty()) {
      all.put(PROVIDERS, String.join(",", model.executionProviders()));
    }
    return all;
  }

  /** Which requests can be joined. */
  BatchPlan batchPlan() {
    return batchPlan;
  }

  /** Which steps of sequences can be joined. */
  StepPlan stepPlan() {
    return stepPlan;
  }

  /** What of the model is state, and how it generates. */
  StateSpec stateSpec() {
    return stateSpec;
  }

  /** The steps in force: those of the load request, else those that the content declares. */
  synchronized List<PreprocessStep> steps() {
    return steps;
  }

  private List<PreprocessStep> steps(LoadedModel loaded) {
    String given = parameters.get(PREPROCESS);
    return given == null ? loaded.preprocess() : PreprocessSteps.parse(given);
  }
}

package io.modelcontrol.isolation;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.ErrorLevel;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.ModelState;
import io.modelcontrol.PreprocessStep;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.modelcontrol.runtime.LoadedModel;
import io.modelcontrol.runtime.RunControl;
import io.modelcontrol.telemetry.Activity;
import io.modelcontrol.telemetry.Operation;
import io.modelcontrol.telemetry.Telemetry;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model whose runs happen in a process, which is replaced when it ends: until the next one is
 * ready requests are told to come again, and after the third end in a minute there is none any
 * more. Where none can be started, the model waits for one. Where a run does not obey when it is
 * told to end, the next process is started before that of the run is killed. Thread-safe.
 */
final class IsolatedModel implements LoadedModel {
  private static final Logger LOG = LoggerFactory.getLogger(IsolatedModel.class);

  /** What a caller is told to wait while a process starts. */
  private static final long RETRY_AFTER_MS = 500;

  /** A run that was told to end and goes on for so long is not expected to obey. */
  private static final long DISOBEYS_MS = 100;

  /** Until a process is started again that could not be; twice as long after each time. */
  private static final long START_AGAIN_MS = 500;

  private static final long MAX_START_AGAIN_MS = 30_000;

  private final Work work;
  private final Quarantine quarantine;
  private final ProcessStarter starter;
  private final ModelDescriptor descriptor;

  private ModelState state = ModelState.LOADING;
  private final Telemetry telemetry;
  private Activity life = Activity.NONE;
  private RuntimeProcess process;

  /** The next process, while it is not certain yet that it is needed; else null. */
  private CompletableFuture<RuntimeProcess> spare;

  private boolean closed;

  /**
   * Starts the first process. Blocks until it has loaded the model.
   *
   * @throws McpException as the model's runtime throws it; MODEL_REJECTED if the process ended,
   *     RESOURCE_EXHAUSTED if none can be started
   */
  IsolatedModel(Work work, Quarantine quarantine, Telemetry telemetry, ProcessStarter starter) {
    this.work = work;
    this.quarantine = quarantine;
    this.telemetry = telemetry;
    this.starter = starter;
    try {
      RuntimeProcess first = starter.start(work);
      this.descriptor = first.descriptor();
      starter.modelBegins(work);
      use(first);
    } catch (NoProcessException e) {
      LOG.warn("No process can be started for model {}: {}", work.id(), e.getMessage());
      throw McpException.streamError(
          ErrorCode.RESOURCE_EXHAUSTED, "no process can be started for the model", e);
    } catch (ProcessEndedException e) {
      LOG.warn("The process of model {} ended while it was loaded: {}", work.id(), e.getMessage());
      quarantine.strike(work.digest());
      throw McpException.streamError(
          ErrorCode.MODEL_REJECTED,
          "ACTIVATION: the process of the model ended while it was loaded",
          e);
    }
  }

  @Override
  public List<TensorSpec> inputs() {
    return descriptor.inputs();
  }

  @Override
  public List<TensorSpec> outputs() {
    return descriptor.outputs();
  }

  @Override
  public List<PreprocessStep> preprocess() {
    return descriptor.preprocess();
  }

  @Override
  public List<String> executionProviders() {
    String names = descriptor.parameters().getOrDefault(ProcessVerticle.PROVIDERS, "");
    return names.isEmpty() ? List.of() : List.of(names.split(","));
  }

  @Override
  public synchronized ModelState state() {
    return state;
  }

  /** Not before: the first run is part of the load, and is put back with it. */
  @Override
  public void serves() {
    RuntimeProcess first;
    synchronized (this) {
      first = process;
    }
    first.serves();
  }

  @Override
  public List<Tensor> infer(
      List<Tensor> inputs, List<String> requestedOutputs, RunControl control) {
    RuntimeProcess current = ready();
    try {
      return current.infer(inputs, requestedOutputs, control, run -> toldToEnd(current, run));
    } catch (ProcessEndedException e) {
      ended(current);
      // Not to be repeated, as failures of a runtime are: it may be what ends the process.
      throw McpException.streamError(
              ErrorCode.RUNTIME_FAILURE,
              "the process of the model ended while the request was running",
              e)
          .withLevel(ErrorLevel.CRITICAL);
    }
  }

  private void toldToEnd(RuntimeProcess current, CompletableFuture<?> run) {
    CompletableFuture.delayedExecutor(DISOBEYS_MS, TimeUnit.MILLISECONDS)
        .execute(
            () -> {
              if (!run.isDone()) {
                current.disobeys();
                startSpare(current);
                run.whenComplete(
                    (answer, failure) -> {
                      if (RuntimeProcess.isAnswered(failure)) {
                        dropSpare();
                      }
                    });
              }
            });
  }

  private synchronized void startSpare(RuntimeProcess current) {
    if (!closed && process == current && state == ModelState.READY && spare == null) {
      spare = CompletableFuture.supplyAsync(() -> starter.replace(work), ProcessStarter::onThread);
    }
  }

  /** It is not needed: the run has obeyed at last, or there is no next process. */
  private synchronized void dropSpare() {
    if (spare != null) {
      spare.thenAccept(RuntimeProcess::close);
      spare = null;
    }
  }

  private synchronized RuntimeProcess ready() {
    if (state == ModelState.FAILED) {
      throw Quarantine.refusal();
    }
    if (state != ModelState.READY) {
      throw McpException.streamError(
              ErrorCode.MODEL_NOT_READY, "the process of the model ended, another one is starting")
          .withRetryAfterMs(RETRY_AFTER_MS);
    }
    return process;
  }

  private void use(RuntimeProcess next) {
    synchronized (this) {
      if (closed) {
        next.close();
        return;
      }
      process = next;
      state = ModelState.READY;
      life = telemetry.start(Operation.PROCESS, null);
    }
    next.onEnd(() -> ended(next));
  }

  private void ended(RuntimeProcess ended) {
    synchronized (this) {
      if (closed || process != ended || state != ModelState.READY) {
        return;
      }
      state = quarantine.strike(work.digest()) ? ModelState.FAILED : ModelState.LOADING;
      life.fail(McpException.streamError(ErrorCode.RUNTIME_FAILURE, "the process ended"));
    }
    ended.onEnd(() -> LOG.warn("The process of model {} ended: {}", work.id(), ended.howItEnded()));
    if (state() == ModelState.FAILED) {
      LOG.warn("Model {} is in quarantine: its process ended too often", work.id());
      dropSpare();
      return;
    }
    ProcessStarter.onThread(() -> replace(START_AGAIN_MS));
  }

  private void replace(long startAgainMs) {
    while (state() == ModelState.LOADING) {
      try {
        RuntimeProcess next = next();
        next.serves();
        use(next);
        return;
      } catch (NoProcessException e) {
        replaceLater(startAgainMs, e);
        return;
      } catch (ProcessEndedException | McpException e) {
        LOG.warn("The process of model {} cannot be replaced: {}", work.id(), e.getMessage());
        giveUpAfter(quarantine.strike(work.digest()));
      }
    }
  }

  private void replaceLater(long delayMs, NoProcessException why) {
    LOG.warn(
        "No process can be started for model {}, tried again in {} ms: {}",
        work.id(),
        delayMs,
        why.getMessage());
    CompletableFuture.delayedExecutor(delayMs, TimeUnit.MILLISECONDS, ProcessStarter::onThread)
        .execute(() -> replace(Math.min(2 * delayMs, MAX_START_AGAIN_MS)));
  }

  /** The spare one, or one that is started now. Blocks until it has loaded the model. */
  private RuntimeProcess next() {
    CompletableFuture<RuntimeProcess> started;
    synchronized (this) {
      started = spare;
      spare = null;
    }
    if (started == null) {
      return starter.replace(work);
    }
    try {
      return started.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException why) {
        throw why;
      }
      throw e;
    }
  }

  private synchronized void giveUpAfter(boolean lastStrike) {
    if (lastStrike || closed) {
      state = ModelState.FAILED;
    }
  }

  @Override
  public void close() {
    RuntimeProcess last;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      state = ModelState.FAILED;
      last = process;
      life.end();
      dropSpare();
    }
    last.close();
    starter.modelEnds();
  }
}

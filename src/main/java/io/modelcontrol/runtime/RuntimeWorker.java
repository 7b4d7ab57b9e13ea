package io.modelcontrol.runtime;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.modelcontrol.runtime.preprocess.PreprocessChain;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker verticle that executes one model: takes jobs from the model's queue, one at a time, on a
 * thread that may block. The instances of a model share one loaded copy; the first loads it, the
 * last closes it.
 */
final class RuntimeWorker implements Deployable {
  private static final Logger LOG = LoggerFactory.getLogger(RuntimeWorker.class);

  /** After so many jobs in a row the worker's thread serves other models of the pool first. */
  private static final int JOBS_IN_A_ROW = 16;

  private final SharedModel shared;
  private final JobQueue queue;
  private Context context;
  private LoadedModel model;
  private boolean stopped;

  RuntimeWorker(SharedModel shared, JobQueue queue) {
    this.shared = shared;
    this.queue = queue;
  }

  @Override
  public Future<?> deploy(Context newContext) {
    context = newContext;
    model = shared.acquire();
    queue.park(this::wake);
    return Future.succeededFuture();
  }

  @Override
  public Future<?> undeploy(Context ending) {
    stopped = true;
    if (shared.release()) {
      queue.abandon();
    }
    return Future.succeededFuture();
  }

  private void wake() {
    context.runOnContext(v -> work());
  }

  private void work() {
    for (int i = 0; i < JOBS_IN_A_ROW && !stopped; i++) {
      Job job = queue.take();
      if (job == null) {
        queue.park(this::wake);
        return;
      }
      Message answer = execute(job);
      queue.done(job);
      job.answer(answer);
    }
    if (!stopped) {
      wake();
    }
  }

  private Message execute(Job job) {
    long start = System.nanoTime();
    List<Tensor> made = new ArrayList<>(0);
    try {
      job.control().check();
      List<Tensor> inputs = preprocess(job.request().tensors(), made);
      List<Tensor> outputs = model.infer(inputs, job.request().requestedOutputs(), job.control());
      long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start);
      Message result = Message.of(MessageType.INFERENCE_RESULT);
      outputs.forEach(result::tensor);
      return result.parameter("runtime-us", Long.toString(micros));
    } catch (McpException e) {
      return Message.error(e);
    } catch (RuntimeException e) {
      LOG.error("Model {} failed on a request", shared.id(), e);
      return Message.error(
          McpException.streamError(ErrorCode.RUNTIME_FAILURE, "the model runtime failed", e));
    } finally {
      made.forEach(Tensor::release);
    }
  }

  /** Images become what the model asks for; all other tensors stay as they are. */
  private List<Tensor> preprocess(List<Tensor> given, List<Tensor> made) {
    PreprocessChain chain = shared.preprocess();
    if (chain.isEmpty()) {
      return given;
    }
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
}

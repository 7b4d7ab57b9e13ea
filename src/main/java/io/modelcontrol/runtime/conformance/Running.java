package io.modelcontrol.runtime.conformance;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.runtime.LoadedModel;
import io.modelcontrol.runtime.RunControl;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A run on a thread of its own, which does not keep the JVM if it never ends. */
final class Running {
  private final RunControl control = new RunControl();
  private final FutureTask<List<Tensor>> task;

  private Running(LoadedModel model, List<Tensor> inputs) {
    task = new FutureTask<>(() -> model.infer(inputs, List.of(), control));
  }

  /** Starts a run; the inputs are on the heap, as it may outlive the case. */
  static Running start(LoadedModel model, List<Tensor> inputs) {
    return new Running(model, inputs).start();
  }

  /** As {@link #start}, but for the run's end being asked for before it starts. */
  static Running startEnded(LoadedModel model, List<Tensor> inputs, ErrorCode why) {
    Running running = new Running(model, inputs);
    running.end(why);
    return running.start();
  }

  private Running start() {
    Thread thread = new Thread(task, "conformance-run");
    thread.setDaemon(true);
    thread.start();
    return this;
  }

  void end(ErrorCode why) {
    control.end(why);
  }

  /** The run is not over so many milliseconds from now. */
  void expectGoesOn(long ms) throws InterruptedException {
    try {
      task.get(ms, TimeUnit.MILLISECONDS).forEach(Tensor::release);
    } catch (TimeoutException e) {
      return;
    } catch (ExecutionException e) {
      throw CaseEnd.failed("a run that goes on until it is ended", e.getCause().toString());
    }
    throw CaseEnd.failed("a run that goes on until it is ended", "an answer");
  }

  /** The run fails with this code within so many milliseconds. */
  void expectEnds(ErrorCode code, long ms) throws InterruptedException {
    String expected = code + " within " + ms + " ms";
    try {
      task.get(ms, TimeUnit.MILLISECONDS).forEach(Tensor::release);
    } catch (TimeoutException e) {
      throw CaseEnd.failed(expected, "no end of the run");
    } catch (ExecutionException e) {
      boolean typed = e.getCause() instanceof McpException failure && failure.code() == code;
      Expect.that(typed, expected, e.getCause().toString());
      return;
    }
    throw CaseEnd.failed(expected, "an answer");
  }

  boolean isOver() {
    return task.isDone();
  }
}

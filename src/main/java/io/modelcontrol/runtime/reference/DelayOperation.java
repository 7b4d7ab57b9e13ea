package io.modelcontrol.runtime.reference;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.modelcontrol.runtime.RunControl;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Identity that takes its time, and ends at once when the run is ended. */
final class DelayOperation implements Operation {
  private static final int MAX_MS = 60_000;

  private final IdentityOperation identity;
  private final int delayMs;

  DelayOperation(ModelJson model) {
    identity = new IdentityOperation(model);
    delayMs = model.integer("ms", 0, MAX_MS);
  }

  @Override
  public List<TensorSpec> inputs() {
    return identity.inputs();
  }

  @Override
  public TensorSpec output() {
    return identity.output();
  }

  @Override
  public Tensor run(List<Tensor> inputs, RunControl control) {
    await(control);
    control.check();
    return identity.run(inputs, control);
  }

  private void await(RunControl control) {
    CountDownLatch ended = new CountDownLatch(1);
    control.onEnd(ended::countDown);
    try {
      // False is the usual case: the time passed and nobody ended the run.
      boolean early = ended.await(delayMs, TimeUnit.MILLISECONDS);
      assert !early || control.isEnded();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw McpException.streamError(
          ErrorCode.RUNTIME_FAILURE, "the model was interrupted while it waited", e);
    } finally {
      control.clearTerminator();
    }
  }
}

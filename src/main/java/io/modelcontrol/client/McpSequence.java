package io.modelcontrol.client;

import io.modelcontrol.Tensor;
import io.vertx.codegen.annotations.GenIgnore;
import io.vertx.codegen.annotations.VertxGen;
import io.vertx.core.Future;
import java.util.List;

/**
 * A model that remembers: each step is asked with the state that the one before has left on the
 * worker. Opened by {@link McpClient#sequence}. Thread-safe; futures complete on the context of
 * their caller.
 *
 * <p>Steps may be sent before earlier ones are answered; they run and are answered in order. A step
 * that fails ends the sequence: those after it, and all later calls, fail with the same error.
 */
@VertxGen
public interface McpSequence {
  /** Steps that may wait for their results; one more fails with OVERLOADED and is not sent. */
  int MAX_PENDING_STEPS = 256;

  /** Runs one step within the time of the sequence's steps. */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  default Future<InferenceResult> step(Tensor... inputs) {
    return step(List.of(inputs), 0);
  }

  /**
   * Runs one step. The state is neither sent nor part of the result. The caller leaves the tensors
   * unchanged until the result is there.
   *
   * @param timeoutMs from this call to the result, in milliseconds; 0 is the time of the sequence's
   *     steps
   * @return the result, which needs no release; failed with DEADLINE_EXCEEDED, INVALID_TENSOR,
   *     MODEL_NOT_FOUND or UPDATE_CONFLICT (another stream uses the sequence id) among others
   */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  Future<InferenceResult> step(List<Tensor> inputs, long timeoutMs);

  /**
   * Runs the last step: its state is dropped, also where it is tied to a sequence id, and the
   * sequence ends. No {@link #end()} is needed after it.
   */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  Future<InferenceResult> last(Tensor... inputs);

  /**
   * Sends no more steps; those under way are answered first. The state is dropped, unless it is
   * tied to a sequence id.
   *
   * @return completed when the server has ended the sequence as well; failed if a step has failed
   */
  Future<Void> end();

  /** Ends the sequence now: steps under way fail with REQUEST_CANCELED. */
  void cancel();
}

package io.modelcontrol.runtime;

import io.modelcontrol.McpException;
import io.modelcontrol.ModelState;
import io.modelcontrol.PreprocessStep;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import java.util.List;

/**
 * A model that is ready to execute. {@link #infer} may be called by several worker threads at once;
 * {@link #close} is called once, when no call is running and none will follow.
 */
public interface LoadedModel extends AutoCloseable {
  /** What a request brings, in the model's order. */
  List<TensorSpec> inputs();

  /** What a result can hold, in the model's order. */
  List<TensorSpec> outputs();

  /** The preprocess chain that the content itself declares; empty for most. */
  default List<PreprocessStep> preprocess() {
    return List.of();
  }

  /** What executes the model, the first first, as an operator would name it; empty: not told. */
  default List<String> executionProviders() {
    return List.of();
  }

  /**
   * READY, unless what executes the model is another process: LOADING while that is being replaced,
   * FAILED when it is not replaced any more.
   */
  default ModelState state() {
    return ModelState.READY;
  }

  /**
   * Called once when it is loaded and its first run is over, which nobody waits for: requests come
   * from now on. Blocks.
   */
  default void serves() {}

  /**
   * Executes the model once. Blocks.
   *
   * @param inputs one tensor for each input, in any order; the caller keeps their ownership, and
   *     they stay unchanged until the method returns
   * @param requestedOutputs names of the outputs to compute, in that order; empty for all
   * @param control tells when the run is to end early
   * @return the outputs; the caller owns them
   * @throws McpException INVALID_TENSOR if an input is missing, unknown or of another shape;
   *     UNSUPPORTED_DTYPE if a type cannot be carried; INVALID_ARGUMENT if a requested output does
   *     not exist; REQUEST_CANCELED or DEADLINE_EXCEEDED if the control ended the run;
   *     MODEL_NOT_READY after {@link #close}; RUNTIME_FAILURE for everything else
   */
  List<Tensor> infer(List<Tensor> inputs, List<String> requestedOutputs, RunControl control);

  /**
   * The state of a new sequence; closed before the model is. By default the state goes through
   * {@link #infer} as any other tensor, by reference.
   */
  default SequenceState newState(StateSpec spec) {
    return new CarriedState(this, spec);
  }

  @Override
  void close();
}

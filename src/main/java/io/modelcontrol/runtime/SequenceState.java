package io.modelcontrol.runtime;

import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import java.util.List;

/**
 * The state of one sequence on its way through a model: begins with zeros, and each step goes on
 * from the one before. Used by one thread at a time, not always the same.
 */
public interface SequenceState extends AutoCloseable {
  /**
   * Executes one step. Blocks. If it fails the state is as it was before, or closed.
   *
   * @param inputs one tensor for each input that is no state, in any order; the caller keeps their
   *     ownership
   * @param requestedOutputs names of the outputs to return, in that order; empty for all that are
   *     no state
   * @param control tells when the run is to end early
   * @return the outputs; the caller owns them
   * @throws McpException as {@link LoadedModel#infer}; INVALID_TENSOR if a state input is given;
   *     INVALID_ARGUMENT if a state output is requested
   */
  List<Tensor> step(List<Tensor> inputs, List<String> requestedOutputs, RunControl control);

  /** Frees the state. Allowed more than once, from any thread, while no step runs. */
  @Override
  void close();
}

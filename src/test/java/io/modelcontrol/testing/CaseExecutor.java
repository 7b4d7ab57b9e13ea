package io.modelcontrol.testing;

import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import java.util.List;

/** Runs a model once, in this process or over a socket. */
@FunctionalInterface
public interface CaseExecutor {
  /**
   * Loads the model and runs it; it may stay loaded for the next run of the same array.
   *
   * @param inputs stay the caller's
   * @param outputs names of the outputs to compute
   * @return the outputs in that order; the caller releases them
   * @throws McpException what the load or the inference was refused with
   */
  List<Tensor> run(byte[] model, List<Tensor> inputs, List<String> outputs);
}

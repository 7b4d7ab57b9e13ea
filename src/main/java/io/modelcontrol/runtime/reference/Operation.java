package io.modelcontrol.runtime.reference;

import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.modelcontrol.runtime.RunControl;
import java.util.List;

/** What a reference model computes: one output from its inputs. Immutable. */
interface Operation {
  List<TensorSpec> inputs();

  TensorSpec output();

  /**
   * Computes the output.
   *
   * @param inputs in the order of {@link #inputs()}, each of its type and shape; not owned
   * @return a tensor that the caller owns
   */
  Tensor run(List<Tensor> inputs, RunControl control);
}

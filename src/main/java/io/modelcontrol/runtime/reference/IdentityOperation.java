package io.modelcontrol.runtime.reference;

import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.modelcontrol.runtime.RunControl;
import java.util.List;

/** Gives the input back under the name {@code output}, sharing its data. */
final class IdentityOperation implements Operation {
  private final TensorSpec input;
  private final TensorSpec output;

  IdentityOperation(ModelJson model) {
    input = model.spec("input");
    output = model.spec("output");
  }

  @Override
  public List<TensorSpec> inputs() {
    return List.of(input);
  }

  @Override
  public TensorSpec output() {
    return output;
  }

  @Override
  public Tensor run(List<Tensor> inputs, RunControl control) {
    return inputs.get(0).retain().renamed(output.name());
  }
}

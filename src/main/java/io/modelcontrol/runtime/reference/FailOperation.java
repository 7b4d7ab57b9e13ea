package io.modelcontrol.runtime.reference;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.modelcontrol.runtime.RunControl;
import java.util.List;

/** Looks like identity and always fails, as a model that breaks while it runs. */
final class FailOperation implements Operation {
  private final IdentityOperation identity;
  private final String message;

  FailOperation(ModelJson model) {
    identity = new IdentityOperation(model);
    message = model.stringOr("message", "the model fails by design");
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
    throw McpException.streamError(ErrorCode.RUNTIME_FAILURE, message);
  }
}

package io.modelcontrol.runtime;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelState;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The run that a model has to survive before it serves: once, on ones, under a deadline. It finds
 * models that never end and models that end their process. Ones, because a zero where a length or a
 * step is meant has sent kernels of honest models into loops that nothing ends.
 *
 * <p>A run that fails with an error of the runtime refuses no model: ones of the smallest shape are
 * not what an honest model with dynamic dimensions has to accept, and a model that fails on every
 * input harms nobody but its caller.
 */
final class Activation {
  private static final Logger LOG = LoggerFactory.getLogger(Activation.class);

  /** Declared inputs above this are not made up: nothing is allocated because a model claims it. */
  private static final long MAX_INPUT_BYTES = 64L << 20;

  private final int timeoutMs;

  /**
   * An activation.
   *
   * @param timeoutMs of the run; 0 leaves it out
   */
  Activation(int timeoutMs) {
    this.timeoutMs = timeoutMs;
  }

  /**
   * Runs a model. Blocks.
   *
   * @throws McpException MODEL_REJECTED if the run did not end in time or ended its process
   */
  void run(LoadedModel model) {
    Optional<List<Tensor>> inputs = timeoutMs == 0 ? Optional.empty() : ones(model.inputs());
    if (inputs.isEmpty()) {
      return;
    }
    if (!RunControl.limited(timeoutMs, control -> endsInTime(model, inputs.get(), control))) {
      throw rejected("a first run on ones did not end within " + timeoutMs + " ms");
    }
  }

  /** Takes the inputs over. */
  private static boolean endsInTime(LoadedModel model, List<Tensor> inputs, RunControl control) {
    try {
      model.infer(inputs, List.of(), control).forEach(Tensor::release);
    } catch (McpException e) {
      LOG.debug("A run on ones failed", e);
      if (model.state() != ModelState.READY) {
        throw rejected("the process of the model ended in a first run on ones");
      }
    } finally {
      inputs.forEach(Tensor::release);
    }
    return !control.isEnded();
  }

  private static McpException rejected(String why) {
    return McpException.streamError(ErrorCode.MODEL_REJECTED, "ACTIVATION: " + why);
  }

  /** An input of each kind, with 1 for each dynamic dimension; empty if they are too large. */
  private static Optional<List<Tensor>> ones(List<TensorSpec> specs) {
    long left = MAX_INPUT_BYTES;
    List<long[]> shapes = new ArrayList<>();
    for (TensorSpec spec : specs) {
      if (spec.dataType() == null) {
        return Optional.empty();
      }
      long[] shape =
          Arrays.stream(spec.shape()).map(d -> d == TensorSpec.DYNAMIC ? 1 : d).toArray();
      left -= Math.min(MAX_INPUT_BYTES + 1, bytes(spec, shape));
      if (left < 0) {
        return Optional.empty();
      }
      shapes.add(shape);
    }
    List<Tensor> tensors = new ArrayList<>();
    for (int i = 0; i < specs.size(); i++) {
      tensors.add(ones(specs.get(i), shapes.get(i)));
    }
    return Optional.of(tensors);
  }

  /** An empty string is its length, which is one byte. */
  private static long bytes(TensorSpec spec, long[] shape) {
    try {
      long elements = Tensor.elements(spec.name(), shape);
      return spec.dataType().isFixedSize() ? spec.dataType().byteLength(elements) : elements;
    } catch (McpException | ArithmeticException e) {
      return Long.MAX_VALUE;
    }
  }

  private static Tensor ones(TensorSpec spec, long[] shape) {
    byte[] data = new byte[(int) bytes(spec, shape)];
    byte[] one = one(spec.dataType());
    for (int i = 0; i < data.length; i++) {
      data[i] = one[i % one.length];
    }
    return Tensor.of(spec.name(), spec.dataType(), shape, Unpooled.wrappedBuffer(data));
  }

  /** A one in the wire's layout; zero where the type has none that is a byte or more. */
  private static byte[] one(DataType type) {
    return switch (type) {
      case FLOAT -> new byte[] {0, 0, (byte) 0x80, 0x3F};
      case DOUBLE -> new byte[] {0, 0, 0, 0, 0, 0, (byte) 0xF0, 0x3F};
      case FLOAT16 -> new byte[] {0, 0x3C};
      case BFLOAT16 -> new byte[] {(byte) 0x80, 0x3F};
      case INT8, UINT8, BOOL -> new byte[] {1};
      case INT16, UINT16 -> new byte[] {1, 0};
      case INT32, UINT32 -> new byte[] {1, 0, 0, 0};
      case INT64, UINT64 -> new byte[] {1, 0, 0, 0, 0, 0, 0, 0};
      default -> new byte[] {0};
    };
  }
}

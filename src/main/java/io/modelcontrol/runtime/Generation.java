package io.modelcontrol.runtime;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;

/**
 * The decode loop of one generation, a token at a time: the prompt in one run, then each token with
 * the state of those before it. Knows a model only by its {@link GenerateSpec}.
 */
final class Generation {
  /** What {@link #next} returns when a stop token came. */
  static final long STOP = -1;

  private final GenerateSpec spec;
  private final GenerateOptions options;
  private final Sampler sampler;
  private long[] input;
  private long past;
  private int produced;

  /**
   * A generation.
   *
   * @param prompt token ids
   * @throws McpException INVALID_ARGUMENT if the model's context cannot hold the prompt
   */
  Generation(GenerateSpec spec, GenerateOptions options, long[] prompt) {
    this.spec = spec;
    this.options = options;
    sampler = new Sampler(options);
    input = prompt.clone();
    if (prompt.length > spec.maxContext()) {
      throw McpException.streamError(
          ErrorCode.INVALID_ARGUMENT,
          "the prompt has "
              + prompt.length
              + " tokens, the model sees at most "
              + spec.maxContext());
    }
  }

  /**
   * The prompt of a request.
   *
   * @param tensors of the request: the tokens alone
   * @throws McpException INVALID_TENSOR
   */
  static long[] prompt(GenerateSpec spec, List<Tensor> tensors) {
    String name = spec.tokens().name();
    if (tensors.size() != 1 || !tensors.get(0).name().equals(name)) {
      throw invalid("expected one tensor '" + name + "' with the prompt, got " + tensors);
    }
    Tensor tensor = tensors.get(0);
    boolean row = tensor.rank() == 1 || (tensor.rank() == 2 && tensor.dimension(0) == 1);
    if (!row || tensor.elements() == 0) {
      throw invalid("expected a prompt of shape [n] or [1, n], n from 1, got " + tensor);
    }
    if (tensor.dataType() == DataType.INT64) {
      return checked(tensor.toLongs());
    }
    if (tensor.dataType() == DataType.INT32) {
      int[] ids = tensor.toInts();
      long[] prompt = new long[ids.length];
      for (int i = 0; i < ids.length; i++) {
        prompt[i] = ids[i];
      }
      return checked(prompt);
    }
    throw invalid("expected a prompt of INT64 tokens, got " + tensor);
  }

  private static long[] checked(long[] prompt) {
    for (long token : prompt) {
      if (token < 0 || token > Integer.MAX_VALUE) {
        throw invalid("token " + token + " of the prompt is out of range");
      }
    }
    return prompt;
  }

  /** Whether the generation has its last token, for want of room. */
  boolean isFull() {
    return produced == options.maxTokens() || past + input.length > spec.maxContext();
  }

  /** Tokens so far. */
  int produced() {
    return produced;
  }

  /**
   * Executes the model once.
   *
   * @return the next token, or {@link #STOP}
   */
  long next(SequenceState state, RunControl control) {
    List<Tensor> outputs = state.step(inputs(), List.of(spec.logits().name()), control);
    int token;
    try {
      token = sampler.sample(lastRow(outputs.get(0)));
    } finally {
      outputs.forEach(Tensor::release);
    }
    past += input.length;
    input = new long[] {token};
    if (options.stopTokens().contains((long) token)) {
      return STOP;
    }
    produced++;
    return token;
  }

  private List<Tensor> inputs() {
    List<Tensor> inputs = new ArrayList<>(3);
    inputs.add(row(spec.tokens(), input));
    if (spec.positions() != null) {
      long[] positions = new long[input.length];
      for (int i = 0; i < positions.length; i++) {
        positions[i] = past + i;
      }
      inputs.add(row(spec.positions(), positions));
    }
    if (spec.mask() != null) {
      inputs.add(ones(spec.mask(), Math.toIntExact(past + input.length)));
    }
    return inputs;
  }

  private static Tensor row(TensorSpec spec, long[] values) {
    int width = spec.dataType().bits() / Byte.SIZE;
    ByteBuf data = Unpooled.buffer(values.length * width, values.length * width);
    for (long value : values) {
      if (width == Long.BYTES) {
        data.writeLongLE(value);
      } else {
        data.writeIntLE(Math.toIntExact(value));
      }
    }
    return tensor(spec, values.length, data);
  }

  private static Tensor ones(TensorSpec spec, int count) {
    int width = spec.dataType().bits() / Byte.SIZE;
    ByteBuf data = Unpooled.buffer(count * width, count * width);
    for (int i = 0; i < count; i++) {
      switch (spec.dataType()) {
        case INT64 -> data.writeLongLE(1);
        case INT32 -> data.writeIntLE(1);
        case FLOAT -> data.writeFloatLE(1);
        default -> data.writeByte(1);
      }
    }
    return tensor(spec, count, data);
  }

  private static Tensor tensor(TensorSpec spec, int count, ByteBuf data) {
    long[] shape = spec.rank() == 1 ? new long[] {count} : new long[] {1, count};
    return Tensor.of(spec.name(), spec.dataType(), shape, data);
  }

  /** The logits of the last token: the last row of [.., vocabulary]. */
  private static float[] lastRow(Tensor logits) {
    int vocabulary = logits.rank() == 0 ? 0 : (int) logits.dimension(logits.rank() - 1);
    if (vocabulary == 0 || logits.elements() == 0) {
      throw McpException.streamError(
          ErrorCode.RUNTIME_FAILURE, "expected logits for each token, got " + logits);
    }
    float[] row = new float[vocabulary];
    logits.bytes().asFloatBuffer().position((int) logits.elements() - vocabulary).get(row);
    return row;
  }

  private static McpException invalid(String text) {
    return McpException.streamError(ErrorCode.INVALID_TENSOR, text);
  }
}

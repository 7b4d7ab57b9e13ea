package io.modelcontrol.model;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Judges an ONNX model that came from the network before any loader sees a byte of it. Blocks:
 * worker threads only. Memory does not depend on the size of the model, and what is not needed for
 * the judgement, such as raw data, is not read.
 *
 * <p>ONNX lets a tensor say that its data lies in another file. Loaders follow such a reference,
 * and the model's results then show that file to whoever uploaded the model. So a reference is
 * refused wherever it can stand: initializers, dense and sparse, attributes of nodes, at any depth
 * of nested graphs, functions with their default attributes, and training information. It does not
 * matter whether the reference could be resolved; nothing is repaired, and what is ambiguous,
 * because two parsers could read it in two ways, is refused too.
 *
 * <p>Also refused: operators that come neither from ONNX nor from the model itself, data whose size
 * is not what type and shape ask for, other formats, and numbers of things beyond {@link Limits}.
 * All of it as {@link ErrorCode#MODEL_REJECTED}, the first word of whose text is the reason:
 * EXTERNAL_DATA, OP_DOMAIN, TENSOR_SIZE, FORMAT, PARSE, DEPTH or COUNT.
 */
public final class OnnxScanner {
  /**
   * What a model may have.
   *
   * @param nodes in all graphs and functions together, as written and with calls of functions
   *     replaced by what they call
   * @param initializers in all graphs together, dense and sparse ones
   * @param depth graphs within graphs, the outermost included
   * @param stringBytes of one string in an attribute
   * @param parts messages, strings and byte fields of any kind together: what becomes an object in
   *     the memory of a loader
   * @param sparseBytes that all sparse tensors together take when they are expanded
   */
  public record Limits(
      int nodes, int initializers, int depth, int stringBytes, int parts, long sparseBytes) {
    /** 50,000 nodes and initializers, depth 16, strings of 64 KiB, 2,000,000 parts, 256 MiB. */
    public static final Limits DEFAULT =
        new Limits(50_000, 50_000, 16, 64 * 1024, 2_000_000, 256L << 20);

    public Limits {
      positive("nodes", nodes);
      positive("initializers", initializers);
      positive("depth", depth);
      positive("stringBytes", stringBytes);
      positive("parts", parts);
      positive("sparseBytes", sparseBytes);
    }

    private static void positive(String name, long value) {
      if (value <= 0) {
        throw new IllegalArgumentException(name + " is " + value + ", must be positive");
      }
      // Sizes are compared in bits.
      if (value > Long.MAX_VALUE / Byte.SIZE) {
        throw new IllegalArgumentException(name + " is " + value + ", at most 2^60");
      }
    }
  }

  private OnnxScanner() {}

  /**
   * Judges a file that nobody changes any more.
   *
   * @throws McpException MODEL_REJECTED if the model is refused; RUNTIME_FAILURE if the file cannot
   *     be read
   */
  public static void scan(Path file, Limits limits) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      scan(ProtoReader.of(channel), limits);
    } catch (IOException e) {
      throw McpException.streamError(
          ErrorCode.RUNTIME_FAILURE, "the content of the model cannot be read", e);
    }
  }

  /**
   * Judges the remaining bytes of a buffer; its position stays.
   *
   * @throws McpException MODEL_REJECTED if the model is refused
   */
  public static void scan(ByteBuffer content, Limits limits) {
    scan(ProtoReader.of(content), limits);
  }

  private static void scan(ProtoReader reader, Limits limits) {
    if (reader.size() == 0) {
      throw OnnxRejection.PARSE.because("the content is empty");
    }
    ForeignFormat.refuse(reader);
    new OnnxWalk(reader, limits).run();
  }
}

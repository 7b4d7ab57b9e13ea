package io.modelcontrol.runtime.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.runtime.StateSpec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.Arrays;

/**
 * One state of a sequence: what the next step reads, and where it writes.
 *
 * <p>Where the next shape is known, two buffers change places: a step reads one and writes the
 * other. A state that grows with the tokens has buffers that are doubled when they are full. Where
 * the shape is not known, or has turned out otherwise, ONNX Runtime allocates it, and the value
 * itself becomes the next input.
 */
final class StateSlot implements AutoCloseable {
  /** The first buffer of a state that grows holds so many steps of one token. */
  private static final int FIRST_TOKENS = 32;

  private final OrtEnvironment environment;
  private final DataType type;
  private final int growing;
  private boolean pins = true;
  private long[] shape;
  private OnnxTensor current;
  private ByteBuf currentBuffer;
  private long[] nextShape;
  private OnnxTensor next;
  private ByteBuf nextBuffer;

  /**
   * Zeros.
   *
   * @throws McpException UNSUPPORTED_DTYPE
   */
  StateSlot(OrtEnvironment environment, StateSpec.Link link) {
    this.environment = environment;
    type = link.input().dataType();
    growing = link.growingDimension();
    shape = link.firstShape();
    int bytes = link.firstBytes();
    currentBuffer = buffer(Math.max(1, bytes));
    currentBuffer.setZero(0, currentBuffer.capacity());
    try {
      current = RunInputs.tensor(environment, currentBuffer.nioBuffer(0, bytes), shape, type);
    } catch (OrtException e) {
      currentBuffer.release();
      throw McpException.streamError(
          ErrorCode.RUNTIME_FAILURE, "ONNX Runtime failed: " + Reason.of(e), e);
    } catch (McpException e) {
      currentBuffer.release();
      throw e;
    }
  }

  private static ByteBuf buffer(int bytes) {
    return PooledByteBufAllocator.DEFAULT.directBuffer(bytes, bytes);
  }

  OnnxTensor current() {
    return current;
  }

  /**
   * Prepares where the next step writes.
   *
   * @param tokens that the step brings; 0 if that is not known
   * @return whether the place is known
   */
  boolean pin(long tokens) throws OrtException {
    boolean stays = growing < 0 && isFilled(shape);
    boolean grows = growing >= 0 && tokens > 0;
    if (!pins || !(stays || grows)) {
      closeNext();
      return false;
    }
    long[] wanted = shape.clone();
    if (grows) {
      wanted[growing] += tokens;
    }
    long bytes = type.byteLength(Tensor.elements("state", wanted));
    if (bytes > Integer.MAX_VALUE / 2) {
      closeNext();
      return false;
    }
    reserve((int) bytes, wanted);
    if (next == null || !Arrays.equals(wanted, nextShape)) {
      closeNext();
      next = RunInputs.tensor(environment, nextBuffer.nioBuffer(0, (int) bytes), wanted, type);
      nextShape = wanted;
    }
    return true;
  }

  private static boolean isFilled(long[] shape) {
    return Arrays.stream(shape).allMatch(dimension -> dimension > 0);
  }

  private void reserve(int bytes, long[] wanted) {
    if (nextBuffer != null && nextBuffer.capacity() >= bytes) {
      return;
    }
    closeNext();
    if (nextBuffer != null) {
      nextBuffer.release();
      nextBuffer = null;
    }
    long ahead = growing < 0 ? bytes : Math.max(2L * bytes, bytes / wanted[growing] * FIRST_TOKENS);
    nextBuffer = buffer((int) Math.min(ahead, Integer.MAX_VALUE / 2));
  }

  OnnxTensor pinnedOrNull() {
    return next;
  }

  /** The step has succeeded: what it has written, or allocated, is what the next one reads. */
  void advance(OnnxTensor written) {
    if (written == next) {
      OnnxTensor before = current;
      ByteBuf bufferBefore = currentBuffer;
      long[] shapeBefore = shape;
      current = next;
      currentBuffer = nextBuffer;
      shape = nextShape;
      if (bufferBefore == null) {
        before.close();
        next = null;
        nextBuffer = null;
      } else {
        next = before;
        nextBuffer = bufferBefore;
        nextShape = shapeBefore;
      }
      return;
    }
    current.close();
    current = written;
    shape = written.getInfo().getShape();
    if (currentBuffer != null) {
      currentBuffer.release();
      currentBuffer = null;
    }
  }

  /** From now on ONNX Runtime allocates what a step writes. */
  void neverPin() {
    pins = false;
    closeNext();
  }

  private void closeNext() {
    if (next != null) {
      next.close();
      next = null;
    }
  }

  @Override
  public void close() {
    current.close();
    closeNext();
    if (currentBuffer != null) {
      currentBuffer.release();
    }
    if (nextBuffer != null) {
      nextBuffer.release();
    }
  }
}

package io.modelcontrol.runtime.conformance;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.modelcontrol.runtime.LoadedModel;
import io.modelcontrol.runtime.ModelRuntime;
import io.modelcontrol.runtime.RunControl;
import io.modelcontrol.runtime.reference.ReferenceRuntime;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;

/** The reference runtime with one fault. Closed, it ends what it did not end and gives back all. */
final class BrokenRuntime implements ModelRuntime, AutoCloseable {
  /** What is wrong with it. */
  enum Fault {
    WRONG_BYTE_OF_INT16,
    IGNORES_CANCEL,
    LEAKS_OUTPUTS,
    KEEPS_MODELS,
    LEAKS_NATIVE_MEMORY,
    TAKES_ANY_ROWS_FOR_ONE,
    MIXES_ANSWERS,
    RUNS_AFTER_CLOSE,
    DECLARES_ANOTHER_NAME,
    REFUSES_ALL_REQUESTS
  }

  private final ReferenceRuntime right = new ReferenceRuntime();
  private final Fault fault;
  private final Queue<RunControl> running = new ConcurrentLinkedQueue<>();
  private final Queue<Tensor> leaked = new ConcurrentLinkedQueue<>();
  private final List<Object> kept = new ArrayList<>();
  private final AtomicReference<List<Tensor>> lastAnswer = new AtomicReference<>();

  BrokenRuntime(Fault fault) {
    this.fault = fault;
  }

  @Override
  public String name() {
    return right.name();
  }

  @Override
  public boolean recognizes(byte[] head) {
    return right.recognizes(head);
  }

  @Override
  public LoadedModel load(Path content, Map<String, String> parameters) {
    LoadedModel model = right.load(content, parameters);
    if (fault == Fault.KEEPS_MODELS) {
      kept.add(model);
    } else if (fault == Fault.LEAKS_NATIVE_MEMORY) {
      kept.add(ByteBuffer.allocateDirect((int) RuntimeConformance.HEAVY_BYTES));
    }
    return new Broken(model);
  }

  @Override
  public void close() {
    running.forEach(each -> each.end(ErrorCode.REQUEST_CANCELED));
    leaked.forEach(Tensor::release);
  }

  private final class Broken implements LoadedModel {
    private final LoadedModel model;

    Broken(LoadedModel model) {
      this.model = model;
    }

    @Override
    public List<TensorSpec> inputs() {
      if (fault != Fault.DECLARES_ANOTHER_NAME) {
        return model.inputs();
      }
      TensorSpec first = model.inputs().get(0);
      return List.of(new TensorSpec("another", first.dataType(), first.shape()));
    }

    @Override
    public List<TensorSpec> outputs() {
      return model.outputs();
    }

    @Override
    public List<Tensor> infer(List<Tensor> inputs, List<String> requested, RunControl control) {
      if (fault == Fault.REFUSES_ALL_REQUESTS) {
        throw McpException.streamError(ErrorCode.INVALID_TENSOR, "no");
      }
      return altered(inputs, model.infer(inputs, requested, controlOf(control)));
    }

    private RunControl controlOf(RunControl given) {
      if (fault != Fault.IGNORES_CANCEL) {
        return given;
      }
      RunControl own = new RunControl();
      running.add(own);
      return own;
    }

    private List<Tensor> altered(List<Tensor> inputs, List<Tensor> answer) {
      switch (fault) {
        case LEAKS_OUTPUTS -> answer.forEach(each -> leaked.add(each.retain()));
        case WRONG_BYTE_OF_INT16 -> {
          return answer.stream().map(Broken::wrong).toList();
        }
        case TAKES_ANY_ROWS_FOR_ONE -> {
          return answer.stream().map(each -> each.dimension(0) > 1 ? oneRow(each) : each).toList();
        }
        case MIXES_ANSWERS -> {
          return inputs.size() == 2 ? mixed(answer) : answer;
        }
        default -> {
          return answer;
        }
      }
      return answer;
    }

    private static Tensor wrong(Tensor right) {
      if (right.dataType() != DataType.INT16) {
        return right;
      }
      byte[] bytes = right.toByteArray();
      bytes[bytes.length - 1] ^= 1;
      right.release();
      return Tensor.of(
          right.name(), right.dataType(), right.shape(), Unpooled.wrappedBuffer(bytes));
    }

    private static Tensor oneRow(Tensor many) {
      if (many.dataType().isFixedSize() && many.dataType().bits() >= Byte.SIZE) {
        Tensor one = many.rows(0, 1);
        many.release();
        return one;
      }
      return many;
    }

    /** Gives each caller what was computed for the one before; sums are on the heap. */
    private List<Tensor> mixed(List<Tensor> answer) {
      List<Tensor> before = lastAnswer.getAndSet(answer);
      return before == null ? answer.stream().map(Tensor::retain).toList() : before;
    }

    @Override
    public void close() {
      if (fault != Fault.RUNS_AFTER_CLOSE) {
        model.close();
      }
    }
  }
}

package io.modelcontrol.runtime.onnx;

import io.modelcontrol.DataType;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.modelcontrol.runtime.conformance.ConformanceModel;
import io.modelcontrol.runtime.conformance.ConformanceModels;
import io.modelcontrol.runtime.conformance.KnownAnswer;
import io.modelcontrol.runtime.conformance.RuntimeConformance;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** Models for the conformance kit. */
public final class OnnxConformanceModels implements ConformanceModels {
  private static final int WIDTH = 1_024;

  @Override
  public String runtime() {
    return "onnx";
  }

  @Override
  public Optional<ConformanceModel> identity(DataType type) {
    return Optional.of(
        new GraphWriter()
            .input("x", type, TensorSpec.DYNAMIC, 4)
            .node("Identity", "y", "x")
            .output("y", type, TensorSpec.DYNAMIC, 4)
            .toModel());
  }

  @Override
  public Optional<ConformanceModel> add() {
    return Optional.of(
        new GraphWriter()
            .input("a", DataType.FLOAT, TensorSpec.DYNAMIC)
            .input("b", DataType.FLOAT, TensorSpec.DYNAMIC)
            .node("Add", "sum", "a", "b")
            .output("sum", DataType.FLOAT, TensorSpec.DYNAMIC)
            .toModel());
  }

  @Override
  public Optional<ConformanceModel> twoOutputs() {
    GraphWriter graph = new GraphWriter();
    for (String each : List.of("1", "2")) {
      graph
          .input("x" + each, DataType.FLOAT, TensorSpec.DYNAMIC)
          .node("Identity", "y" + each, "x" + each)
          .output("y" + each, DataType.FLOAT, TensorSpec.DYNAMIC);
    }
    return Optional.of(graph.toModel());
  }

  /**
   * x FLOAT [1, 4], quantized in steps of 0.5, times weights of eight bits in steps of 0.25. Who
   * leaves out the eight bits gets another answer: 1.1 rounds to 2 steps, 1000 saturates at 127.
   */
  @Override
  public Optional<KnownAnswer> int8() {
    byte[] weights = {1, 2, 3, -4, -5, 6, 7, 8};
    ConformanceModel model =
        new GraphWriter()
            .input("x", DataType.FLOAT, 1, 4)
            .constant(scalar("x_scale", 0.5f))
            .constant(Tensor.of("w", DataType.INT8, ByteBuffer.wrap(weights), 4, 2))
            .constant(scalar("w_scale", 0.25f))
            .constant(Tensor.of("zero", DataType.INT8, ByteBuffer.wrap(new byte[1])))
            .node("QuantizeLinear", "x_int8", "x", "x_scale", "zero")
            .node("DequantizeLinear", "x_steps", "x_int8", "x_scale", "zero")
            .node("DequantizeLinear", "w_steps", "w", "w_scale", "zero")
            .node("MatMul", "y", "x_steps", "w_steps")
            .output("y", DataType.FLOAT, 1, 2)
            .toModel();
    Tensor x = Tensor.of("x", new float[] {1.1f, -2, 3.5f, 1_000}, 1, 4);
    // In steps: (2, -4, 7, 127) times the columns of the weights, 0.125 for each product.
    return Optional.of(new KnownAnswer(model, List.of(x), new float[] {105.5f, 134.75f}, 0.01f));
  }

  /** 2^63 - 1 turns of x + x. */
  @Override
  public Optional<ConformanceModel> endless() {
    GraphWriter body =
        new GraphWriter()
            .input("turn", DataType.INT64)
            .input("go", DataType.BOOL)
            .input("carried", DataType.FLOAT, 1)
            .node("Identity", "go_on", "go")
            .node("Add", "next", "carried", "carried")
            .output("go_on", DataType.BOOL)
            .output("next", DataType.FLOAT, 1);
    return Optional.of(
        new GraphWriter()
            .input("x", DataType.FLOAT, 1)
            .constant(Tensor.of("turns", new long[] {Long.MAX_VALUE}).reshaped())
            .constant(Tensor.of("yes", new boolean[] {true}).reshaped())
            .node("Loop", "body", body, "y", "turns", "yes", "x")
            .output("y", DataType.FLOAT, 1)
            .toModel());
  }

  /** A row of a table. */
  @Override
  public Optional<ConformanceModel> heavy() {
    int rows = Math.toIntExact(RuntimeConformance.HEAVY_BYTES / Float.BYTES / WIDTH);
    return Optional.of(
        new GraphWriter()
            .input("i", DataType.INT64, 1)
            .constant(Tensor.of("rows", new float[rows * WIDTH], rows, WIDTH))
            .node("Gather", "y", "rows", "i")
            .output("y", DataType.FLOAT, 1, WIDTH)
            .toModel());
  }

  private static Tensor scalar(String name, float value) {
    return Tensor.of(name, new float[] {value}).reshaped();
  }
}

package io.modelcontrol.testing;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import io.modelcontrol.DataType;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.modelcontrol.testing.onnx.AttributeProto;
import io.modelcontrol.testing.onnx.GraphProto;
import io.modelcontrol.testing.onnx.ModelProto;
import io.modelcontrol.testing.onnx.NodeProto;
import io.modelcontrol.testing.onnx.OperatorSetIdProto;
import io.modelcontrol.testing.onnx.TensorProto;
import io.modelcontrol.testing.onnx.TensorShapeProto;
import io.modelcontrol.testing.onnx.TypeProto;
import io.modelcontrol.testing.onnx.ValueInfoProto;
import java.util.List;

/** Tiny ONNX models for tests, as the bytes of their files. IR version 10, opset 21. */
public final class OnnxModels {
  private static final int IR_VERSION = 10;
  private static final int OPSET_VERSION = 21;
  private static final int INT = 2;
  private static final int GRAPH = 5;

  private OnnxModels() {}

  /** {@code y = x}, both of this type and shape; -1 is a dynamic dimension. */
  public static byte[] identity(DataType type, long... shape) {
    return model(
        graph(
            List.of(tensor("x", type, shape)),
            List.of(node("Identity", List.of("x"), "y")),
            List.of(tensor("y", type, shape))));
  }

  /** {@code y = x} of FLOAT, whose shape the model does not declare. */
  public static byte[] identityOfUnknownRank() {
    TypeProto.Tensor type = TypeProto.Tensor.newBuilder().setElemType(1).build();
    ValueInfoProto.Builder value =
        ValueInfoProto.newBuilder().setType(TypeProto.newBuilder().setTensorType(type));
    return model(
        graph(
            List.of(value.setName("x").build()),
            List.of(node("Identity", List.of("x"), "y")),
            List.of(value.setName("y").build())));
  }

  /** {@code sum = a + b}, FLOAT of this shape. */
  public static byte[] add(long... shape) {
    return model(
        graph(
            List.of(tensor("a", DataType.FLOAT, shape), tensor("b", DataType.FLOAT, shape)),
            List.of(node("Add", List.of("a", "b"), "sum")),
            List.of(tensor("sum", DataType.FLOAT, shape))));
  }

  /** {@code y}: where the elements of {@code x} are not 0, INT64 [1, as many]. */
  public static byte[] nonZero(long elements) {
    return model(
        graph(
            List.of(tensor("x", DataType.FLOAT, elements)),
            List.of(node("NonZero", List.of("x"), "y")),
            List.of(tensor("y", DataType.INT64, 1, -1))));
  }

  /** {@code y = x[i]}; fails where there is no such element. */
  public static byte[] gather(long elements) {
    return model(
        graph(
            List.of(tensor("x", DataType.FLOAT, elements), tensor("i", DataType.INT64, 1)),
            List.of(node("Gather", List.of("x", "i"), "y")),
            List.of(tensor("y", DataType.FLOAT, 1))));
  }

  /** {@code y = [10, 20][i]}, INT64 of any length; fails where there is no such element. */
  public static byte[] gatherRows() {
    TensorProto table =
        TensorProto.newBuilder()
            .setName("table")
            .setDataType(DataType.INT64.code())
            .addDims(2)
            .addInt64Data(10)
            .addInt64Data(20)
            .build();
    GraphProto graph =
        graph(
            List.of(tensor("i", DataType.INT64, -1)),
            List.of(node("Gather", List.of("table", "i"), "y")),
            List.of(tensor("y", DataType.INT64, -1)));
    return model(graph.toBuilder().addInitializer(table).build());
  }

  /**
   * {@code y} [1, columns] is the row {@code i} of a table of FLOAT that the model holds: a model
   * of any size that runs in no time.
   *
   * @param table little-endian, not copied
   */
  public static ModelProto table(byte[] table, long columns) {
    TensorProto rows =
        TensorProto.newBuilder()
            .setName("rows")
            .setDataType(DataType.FLOAT.code())
            .addDims(table.length / (columns * Float.BYTES))
            .addDims(columns)
            .setRawData(UnsafeByteOperations.unsafeWrap(table))
            .build();
    GraphProto graph =
        graph(
            List.of(tensor("i", DataType.INT64, 1)),
            List.of(node("Gather", List.of("rows", "i"), "y")),
            List.of(tensor("y", DataType.FLOAT, 1, columns)));
    return proto(graph.toBuilder().addInitializer(rows).build());
  }

  /** {@code total = before + x}, {@code seen = before}: FLOAT [1], a sum that can be carried on. */
  public static byte[] runningSum() {
    return model(
        graph(
            List.of(tensor("x", DataType.FLOAT, 1), tensor("before", DataType.FLOAT, 1)),
            List.of(
                node("Add", List.of("before", "x"), "total"),
                node("Identity", List.of("before"), "seen")),
            List.of(tensor("seen", DataType.FLOAT, 1), tensor("total", DataType.FLOAT, 1))));
  }

  /** {@code after = before followed by x}, {@code seen = before}: FLOAT [n], a state that grows. */
  public static byte[] everLonger() {
    NodeProto concat =
        node("Concat", List.of("before", "x"), "after").toBuilder()
            .addAttribute(AttributeProto.newBuilder().setName("axis").setType(INT).setI(0))
            .build();
    return model(
        graph(
            List.of(tensor("x", DataType.FLOAT, 1), tensor("before", DataType.FLOAT, -1)),
            List.of(concat, node("Identity", List.of("before"), "seen")),
            List.of(tensor("seen", DataType.FLOAT, -1), tensor("after", DataType.FLOAT, -1))));
  }

  /** {@code sum = x + w}, where w is an input with a default, as older models declare weights. */
  public static byte[] addWithInitializedInput(float w) {
    TensorProto weight = ProtoTensors.toProto(Tensor.of("w", new float[] {w}));
    GraphProto graph =
        graph(
            List.of(tensor("x", DataType.FLOAT, 1), tensor("w", DataType.FLOAT, 1)),
            List.of(node("Add", List.of("x", "w"), "sum")),
            List.of(tensor("sum", DataType.FLOAT, 1)));
    return model(graph.toBuilder().addInitializer(weight).build());
  }

  /** Takes {@code x}, FLOAT [1], and never ends by itself: 2^63 - 1 turns of x + x. */
  public static byte[] endlessLoop() {
    Tensor turns = Tensor.of("turns", new long[] {Long.MAX_VALUE}).reshaped();
    return model(
        loop(List.of(tensor("x", DataType.FLOAT, 1))).toBuilder()
            .addInitializer(ProtoTensors.toProto(turns))
            .build());
  }

  /** As {@link #endlessLoop()}, but with as many turns as {@code turns}, INT64 [1], asks for. */
  public static byte[] loop() {
    return model(loop(List.of(tensor("x", DataType.FLOAT, 1), tensor("turns", DataType.INT64, 1))));
  }

  private static GraphProto loop(List<ValueInfoProto> inputs) {
    Tensor yes = Tensor.of("yes", new boolean[] {true}).reshaped();
    GraphProto body =
        graph(
            List.of(
                tensor("turn", DataType.INT64),
                tensor("go", DataType.BOOL),
                tensor("carried", DataType.FLOAT, 1)),
            List.of(
                node("Identity", List.of("go"), "go_on"),
                node("Add", List.of("carried", "carried"), "next")),
            List.of(tensor("go_on", DataType.BOOL), tensor("next", DataType.FLOAT, 1)));
    NodeProto loop =
        node("Loop", List.of("turns", "yes", "x"), "y").toBuilder()
            .addAttribute(AttributeProto.newBuilder().setName("body").setType(GRAPH).setG(body))
            .build();
    return graph(inputs, List.of(loop), List.of(tensor("y", DataType.FLOAT, 1))).toBuilder()
        .addInitializer(ProtoTensors.toProto(yes))
        .build();
  }

  /** The sum of as many zeros, FLOAT, as {@code n}, INT64 [1], asks for: all in memory at once. */
  public static byte[] manyZeros() {
    return model(
        graph(
            List.of(tensor("n", DataType.INT64, 1)),
            List.of(
                node("ConstantOfShape", List.of("n"), "zeros"),
                node("ReduceSum", List.of("zeros"), "sum")),
            List.of(tensor("sum", DataType.FLOAT, 1))));
  }

  /**
   * A chain of matrix products, {@code y = x * x * ... * x}, for FLOAT {@code x} of any square
   * shape. Its time is the product of the steps and the cube of the size: 100 steps of 128 take
   * about 20 to 100 ms on one thread. It can be ended between two steps.
   */
  public static byte[] slow(int steps) {
    GraphProto.Builder graph =
        graph(List.of(matrix("x")), List.of(), List.of(matrix("y"))).toBuilder();
    String last = "x";
    for (int step = 1; step <= steps; step++) {
      String next = step == steps ? "y" : "step" + step;
      graph.addNode(node("MatMul", List.of(last, "x"), next));
      last = next;
    }
    return model(graph.build());
  }

  /** Splits {@code x}, FLOAT [4], into the sequence {@code parts}; {@code same} is x itself. */
  public static byte[] sequenceAndTensor() {
    TypeProto element = tensor("", DataType.FLOAT, TensorSpec.DYNAMIC).getType();
    ValueInfoProto parts =
        ValueInfoProto.newBuilder()
            .setName("parts")
            .setType(
                TypeProto.newBuilder()
                    .setSequenceType(TypeProto.Sequence.newBuilder().setElemType(element)))
            .build();
    NodeProto split =
        node("SplitToSequence", List.of("x"), "parts").toBuilder()
            .addAttribute(AttributeProto.newBuilder().setName("axis").setType(INT).setI(0))
            .build();
    return model(
        graph(
            List.of(tensor("x", DataType.FLOAT, 4)),
            List.of(split, node("Identity", List.of("x"), "same")),
            List.of(parts, tensor("same", DataType.FLOAT, 4))));
  }

  /** {@code pieces} of the STRING {@code x} [1], separated by a character; {@code counts}. */
  public static byte[] splitStrings(String separator) {
    NodeProto split =
        node("StringSplit", List.of("x"), "pieces").toBuilder()
            .addOutput("counts")
            .addAttribute(
                AttributeProto.newBuilder()
                    .setName("delimiter")
                    .setType(3)
                    .setS(ByteString.copyFromUtf8(separator)))
            .build();
    return model(
        graph(
            List.of(tensor("x", DataType.STRING, 1)),
            List.of(split),
            List.of(
                tensor("pieces", DataType.STRING, 1, TensorSpec.DYNAMIC),
                tensor("counts", DataType.INT64, 1))));
  }

  /** A node of an operator that nobody has. */
  public static byte[] unknownOperator() {
    return model(
        graph(
            List.of(tensor("x", DataType.FLOAT, 1)),
            List.of(node("NoSuchOperator", List.of("x"), "y")),
            List.of(tensor("y", DataType.FLOAT, 1))));
  }

  /** A model that ends where a value is computed, FLOAT, which becomes its only output. */
  public static byte[] outputAt(byte[] file, String value, long... shape)
      throws InvalidProtocolBufferException {
    ModelProto.Builder model = ModelProto.parseFrom(file).toBuilder();
    GraphProto.Builder graph = model.getGraphBuilder();
    while (!graph.getNode(graph.getNodeCount() - 1).getOutputList().contains(value)) {
      graph.removeNode(graph.getNodeCount() - 1);
    }
    graph.clearOutput().addOutput(tensor(value, DataType.FLOAT, shape));
    return model.build().toByteArray();
  }

  private static byte[] model(GraphProto graph) {
    return proto(graph).toByteArray();
  }

  private static ModelProto proto(GraphProto graph) {
    return ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .setProducerName("tests")
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET_VERSION))
        .setGraph(graph)
        .build();
  }

  private static GraphProto graph(
      List<ValueInfoProto> inputs, List<NodeProto> nodes, List<ValueInfoProto> outputs) {
    return GraphProto.newBuilder()
        .setName("graph")
        .addAllInput(inputs)
        .addAllNode(nodes)
        .addAllOutput(outputs)
        .build();
  }

  private static NodeProto node(String operator, List<String> inputs, String output) {
    return NodeProto.newBuilder().setOpType(operator).addAllInput(inputs).addOutput(output).build();
  }

  private static ValueInfoProto matrix(String name) {
    return tensor(name, DataType.FLOAT, TensorSpec.DYNAMIC, TensorSpec.DYNAMIC);
  }

  private static ValueInfoProto tensor(String name, DataType type, long... shape) {
    TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder();
    for (int i = 0; i < shape.length; i++) {
      TensorShapeProto.Dimension.Builder dimension = dimensions.addDimBuilder();
      if (shape[i] == TensorSpec.DYNAMIC) {
        dimension.setDimParam("d" + i);
      } else {
        dimension.setDimValue(shape[i]);
      }
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder().setElemType(type.code()).setShape(dimensions)))
        .build();
  }
}

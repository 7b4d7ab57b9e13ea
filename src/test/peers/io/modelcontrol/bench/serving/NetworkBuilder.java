package io.modelcontrol.bench.serving;

import com.google.protobuf.ByteString;
import io.modelcontrol.testing.onnx.AttributeProto;
import io.modelcontrol.testing.onnx.GraphProto;
import io.modelcontrol.testing.onnx.ModelProto;
import io.modelcontrol.testing.onnx.NodeProto;
import io.modelcontrol.testing.onnx.OperatorSetIdProto;
import io.modelcontrol.testing.onnx.TensorProto;
import io.modelcontrol.testing.onnx.TensorShapeProto;
import io.modelcontrol.testing.onnx.TypeProto;
import io.modelcontrol.testing.onnx.ValueInfoProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;

/** Builds a network, layer upon layer, with weights from a seeded generator. */
final class NetworkBuilder {
  /** A first dimension that each request chooses. */
  static final long ROWS = -1;

  private static final int FLOAT = 1;
  private static final int INTS = 7;
  private static final int INT = 2;
  private static final int IR_VERSION = 10;
  private static final int OPSET_VERSION = 21;

  private final Random random = new Random(784);
  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("graph");
  private String last;
  private int layers;

  NetworkBuilder(String input, long... shape) {
    graph.addInput(value(input, shape));
    last = input;
  }

  /** A full connection of all values, the bias included. */
  NetworkBuilder connected(int inputs, int outputs) {
    String weight = weight(Math.sqrt(2.0 / inputs), inputs, outputs);
    return layer("Gemm", List.of(weight, weight(0.1, outputs)));
  }

  /** A convolution of 3 x 3 that halves the edges, the bias included. */
  NetworkBuilder convolution(int inputs, int outputs) {
    String weight = weight(Math.sqrt(2.0 / (9 * inputs)), outputs, inputs, 3, 3);
    return layer(
        "Conv",
        List.of(weight, weight(0.1, outputs)),
        ints("strides", 2, 2),
        ints("pads", 1, 1, 1, 1));
  }

  NetworkBuilder relu() {
    return layer("Relu", List.of());
  }

  /** One value for each channel, and no dimension for the rest. */
  NetworkBuilder average() {
    layer("GlobalAveragePool", List.of());
    return layer(
        "Flatten",
        List.of(),
        AttributeProto.newBuilder().setName("axis").setType(INT).setI(1).build());
  }

  byte[] build(long... shape) {
    graph.addOutput(value(last, shape));
    return ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .setProducerName("benchmarks")
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET_VERSION))
        .setGraph(graph)
        .build()
        .toByteArray();
  }

  private NetworkBuilder layer(String operator, List<String> weights, AttributeProto... settings) {
    NodeProto.Builder node = NodeProto.newBuilder().setOpType(operator).addInput(last);
    last = "layer" + ++layers;
    graph.addNode(
        node.addAllInput(weights).addOutput(last).addAllAttribute(List.of(settings)).build());
    return this;
  }

  private String weight(double scale, long... shape) {
    String name = "weight" + graph.getInitializerCount();
    int elements = 1;
    TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(FLOAT);
    for (long dimension : shape) {
      tensor.addDims(dimension);
      elements *= (int) dimension;
    }
    ByteBuffer data = ByteBuffer.allocate(elements * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < elements; i++) {
      data.putFloat((float) (random.nextGaussian() * scale));
    }
    graph.addInitializer(tensor.setRawData(ByteString.copyFrom(data.flip())));
    return name;
  }

  private static AttributeProto ints(String name, long... values) {
    AttributeProto.Builder attribute = AttributeProto.newBuilder().setName(name).setType(INTS);
    for (long value : values) {
      attribute.addInts(value);
    }
    return attribute.build();
  }

  /** A tensor of floats at the edge of a graph. */
  static ValueInfoProto value(String name, long... shape) {
    TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder();
    for (long dimension : shape) {
      TensorShapeProto.Dimension.Builder next = dimensions.addDimBuilder();
      if (dimension == ROWS) {
        next.setDimParam("rows");
      } else {
        next.setDimValue(dimension);
      }
    }
    TypeProto.Tensor tensor =
        TypeProto.Tensor.newBuilder().setElemType(FLOAT).setShape(dimensions).build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }
}

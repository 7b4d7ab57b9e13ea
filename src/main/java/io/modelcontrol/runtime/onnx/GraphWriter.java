package io.modelcontrol.runtime.onnx;

import io.modelcontrol.DataType;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.modelcontrol.runtime.conformance.ConformanceModel;
import java.util.ArrayList;
import java.util.List;

/** Writes a small graph of ONNX; the numbers of fields are those of onnx.proto. */
final class GraphWriter {
  private static final int IR_VERSION = 10;
  private static final int OPSET_VERSION = 21;
  private static final int ATTRIBUTE_OF_GRAPH = 5;

  private final ProtoFields graph = new ProtoFields().text(2, "graph");
  private final List<TensorSpec> inputs = new ArrayList<>();
  private final List<TensorSpec> outputs = new ArrayList<>();

  GraphWriter input(String name, DataType type, long... shape) {
    inputs.add(new TensorSpec(name, type, shape));
    graph.message(11, value(name, type, shape));
    return this;
  }

  GraphWriter output(String name, DataType type, long... shape) {
    outputs.add(new TensorSpec(name, type, shape));
    graph.message(12, value(name, type, shape));
    return this;
  }

  /** A tensor that the model holds. */
  GraphWriter constant(Tensor tensor) {
    ProtoFields proto = new ProtoFields();
    for (long dimension : tensor.shape()) {
      proto.number(1, dimension);
    }
    proto.number(2, tensor.dataType().code()).text(8, tensor.name());
    graph.message(5, proto.bytes(9, tensor.toByteArray()));
    return this;
  }

  GraphWriter node(String operator, String output, String... nodeInputs) {
    graph.message(1, nodeFields(operator, output, nodeInputs));
    return this;
  }

  /** As {@link #node}, with a graph as its attribute. */
  GraphWriter node(
      String operator, String attribute, GraphWriter body, String output, String... nodeInputs) {
    ProtoFields value =
        new ProtoFields().text(1, attribute).message(6, body.graph).number(20, ATTRIBUTE_OF_GRAPH);
    graph.message(1, nodeFields(operator, output, nodeInputs).message(5, value));
    return this;
  }

  ConformanceModel toModel() {
    ProtoFields opset = new ProtoFields().text(1, "").number(2, OPSET_VERSION);
    ProtoFields model = new ProtoFields().number(1, IR_VERSION).message(7, graph).message(8, opset);
    return new ConformanceModel(model.toByteArray(), inputs, outputs);
  }

  private static ProtoFields nodeFields(String operator, String output, String... inputs) {
    ProtoFields node = new ProtoFields();
    for (String input : inputs) {
      node.text(1, input);
    }
    return node.text(2, output).text(4, operator);
  }

  private static ProtoFields value(String name, DataType type, long... shape) {
    ProtoFields dimensions = new ProtoFields();
    for (long dimension : shape) {
      dimensions.message(
          1,
          dimension == TensorSpec.DYNAMIC
              ? new ProtoFields().text(2, "rows")
              : new ProtoFields().number(1, dimension));
    }
    ProtoFields tensor = new ProtoFields().number(1, type.code()).message(2, dimensions);
    return new ProtoFields().text(1, name).message(2, new ProtoFields().message(1, tensor));
  }
}

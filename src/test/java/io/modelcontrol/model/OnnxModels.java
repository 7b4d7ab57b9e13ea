package io.modelcontrol.model;

import com.google.protobuf.ByteString;
import io.modelcontrol.testing.onnx.AttributeProto;
import io.modelcontrol.testing.onnx.FunctionProto;
import io.modelcontrol.testing.onnx.GraphProto;
import io.modelcontrol.testing.onnx.ModelProto;
import io.modelcontrol.testing.onnx.NodeProto;
import io.modelcontrol.testing.onnx.OperatorSetIdProto;
import io.modelcontrol.testing.onnx.SparseTensorProto;
import io.modelcontrol.testing.onnx.StringStringEntryProto;
import io.modelcontrol.testing.onnx.TensorProto;
import io.modelcontrol.testing.onnx.TrainingInfoProto;
import java.util.LinkedHashMap;
import java.util.Map;

/** Small models, good and bad, for the scanner's tests. */
public final class OnnxModels {
  private OnnxModels() {}

  /** A FLOAT tensor of two elements with its data inside. */
  public static TensorProto tensor(String name) {
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(1)
        .addDims(2)
        .setRawData(ByteString.copyFrom(new byte[8]))
        .build();
  }

  /** The ways in which a tensor may say that its data lies elsewhere. */
  static Map<String, TensorProto> externalTensors() {
    TensorProto bare = tensor("w").toBuilder().clearRawData().build();
    StringStringEntryProto location =
        StringStringEntryProto.newBuilder().setKey("location").setValue("etc/passwd").build();
    Map<String, TensorProto> tensors = new LinkedHashMap<>();
    tensors.put(
        "location and entry",
        bare.toBuilder().setDataLocation(1).addExternalData(location).build());
    tensors.put("location alone", bare.toBuilder().setDataLocation(1).build());
    tensors.put("entry alone", bare.toBuilder().addExternalData(location).build());
    tensors.put("entry beside raw data", tensor("w").toBuilder().addExternalData(location).build());
    tensors.put(
        "empty entry",
        tensor("w").toBuilder().addExternalData(StringStringEntryProto.newBuilder()).build());
    tensors.put("unknown location", tensor("w").toBuilder().setDataLocation(2).build());
    tensors.put("negative location", tensor("w").toBuilder().setDataLocation(-1).build());
    tensors.put(
        "address in memory",
        bare.toBuilder()
            .setDataLocation(1)
            .addExternalData(location.toBuilder().setValue("*/_ORT_MEM_ADDR_/*"))
            .build());
    return tensors;
  }

  /** A tensor whose data is said to lie in that file. */
  static TensorProto external(String file) {
    return tensor("w").toBuilder()
        .clearRawData()
        .setDataLocation(1)
        .addExternalData(StringStringEntryProto.newBuilder().setKey("location").setValue(file))
        .build();
  }

  /** A model for each place where a tensor can stand, with this tensor in it. */
  static Map<String, ModelProto> everyPlaceOf(TensorProto tensor) {
    SparseTensorProto values = sparse(tensor, indices());
    SparseTensorProto indices = sparse(tensor("values"), tensor);
    Map<String, AttributeProto.Builder> attributes = new LinkedHashMap<>();
    attributes.put("t", attribute(4).setT(tensor));
    attributes.put("tensors", attribute(9).addTensors(tensor("first")).addTensors(tensor));
    attributes.put("sparse_tensor values", attribute(11).setSparseTensor(values));
    attributes.put("sparse_tensor indices", attribute(11).setSparseTensor(indices));
    attributes.put("sparse_tensors values", attribute(12).addSparseTensors(values));
    attributes.put("sparse_tensors indices", attribute(12).addSparseTensors(indices));
    attributes.put("t of another declared type", attribute(1).setF(1).setT(tensor));

    Map<String, GraphProto> graphs = new LinkedHashMap<>();
    graphs.put("initializer", graph().addInitializer(tensor).build());
    graphs.put("sparse_initializer values", graph().addSparseInitializer(values).build());
    graphs.put("sparse_initializer indices", graph().addSparseInitializer(indices).build());
    attributes.forEach((place, attribute) -> graphs.put(place, graphWith(attribute)));
    Map<String, GraphProto> nested = new LinkedHashMap<>();
    graphs.forEach(
        (place, graph) -> nested.put("g / " + place, graphWith(attribute(5).setG(graph))));
    graphs.forEach(
        (place, graph) ->
            nested.put("graphs / " + place, graphWith(attribute(10).addGraphs(graph))));
    graphs.putAll(nested);
    graphs.put("15 deep", nest(graphs.get("t"), 14));

    Map<String, ModelProto> models = new LinkedHashMap<>();
    graphs.forEach((place, graph) -> models.put(place, model(graph).build()));
    graphs.forEach((place, graph) -> inFunctions(models, place, graph));
    attributes.forEach(
        (place, attribute) ->
            models.put(
                "default attribute / " + place,
                model(graph().build())
                    .addFunctions(function().addAttributeProto(attribute))
                    .build()));
    return models;
  }

  private static void inFunctions(Map<String, ModelProto> models, String place, GraphProto graph) {
    models.put(
        "function / " + place,
        model(graph().build())
            .addFunctions(function().addNode(node("If").addAttribute(attribute(5).setG(graph))))
            .build());
    models.put(
        "initialization / " + place,
        model(graph().build())
            .addTrainingInfo(TrainingInfoProto.newBuilder().setInitialization(graph))
            .build());
    models.put(
        "algorithm / " + place,
        model(graph().build())
            .addTrainingInfo(TrainingInfoProto.newBuilder().setAlgorithm(graph))
            .build());
  }

  public static ModelProto.Builder model(GraphProto graph) {
    return ModelProto.newBuilder()
        .setIrVersion(10)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(21))
        .setGraph(graph);
  }

  public static GraphProto.Builder graph() {
    return GraphProto.newBuilder().setName("g").addNode(node("Identity"));
  }

  static GraphProto graphWith(AttributeProto.Builder attribute) {
    return graph().addNode(node("Constant").addAttribute(attribute)).build();
  }

  /** A graph within so many others. */
  static GraphProto nest(GraphProto innermost, int around) {
    GraphProto graph = innermost;
    for (int i = 0; i < around; i++) {
      graph = graphWith(attribute(5).setG(graph));
    }
    return graph;
  }

  public static NodeProto.Builder node(String operator) {
    return NodeProto.newBuilder().setOpType(operator).addInput("x").addOutput("y");
  }

  static AttributeProto.Builder attribute(int type) {
    return AttributeProto.newBuilder().setName("a").setType(type);
  }

  static FunctionProto.Builder function() {
    return FunctionProto.newBuilder().setName("f").setDomain("own").addNode(node("Identity"));
  }

  static SparseTensorProto sparse(TensorProto values, TensorProto indices) {
    return SparseTensorProto.newBuilder()
        .setValues(values)
        .setIndices(indices)
        .addDims(100)
        .build();
  }

  static TensorProto indices() {
    return TensorProto.newBuilder()
        .setName("indices")
        .setDataType(7)
        .addDims(2)
        .addInt64Data(1)
        .addInt64Data(5)
        .build();
  }
}

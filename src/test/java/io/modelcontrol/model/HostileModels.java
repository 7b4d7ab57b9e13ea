package io.modelcontrol.model;

import static io.modelcontrol.model.OnnxModels.attribute;
import static io.modelcontrol.model.OnnxModels.function;
import static io.modelcontrol.model.OnnxModels.graph;
import static io.modelcontrol.model.OnnxModels.graphWith;
import static io.modelcontrol.model.OnnxModels.model;
import static io.modelcontrol.model.OnnxModels.nest;
import static io.modelcontrol.model.OnnxModels.node;
import static io.modelcontrol.model.OnnxModels.tensor;

import com.google.protobuf.ByteString;
import io.modelcontrol.model.OnnxScanner.Limits;
import io.modelcontrol.testing.onnx.AttributeProto;
import io.modelcontrol.testing.onnx.GraphProto;
import io.modelcontrol.testing.onnx.ModelProto;
import io.modelcontrol.testing.onnx.NodeProto;
import io.modelcontrol.testing.onnx.SparseTensorProto;
import io.modelcontrol.testing.onnx.TensorProto;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Every shape of a hostile model in every place where it can stand, each beside a control: the same
 * model without what makes it hostile, which the scanner accepts. So a refusal is for the reason
 * that is named, and not because the place is refused altogether.
 */
public final class HostileModels {
  /**
   * One hostile file.
   *
   * @param name what it is and where
   * @param reason the first word of the refusal
   * @param content the bytes
   * @param control bytes that differ in the harm only, and are accepted
   */
  public record Hostile(String name, String reason, byte[] content, byte[] control) {}

  /** Names of files that the models refer to: whoever opens one has been led astray. */
  public static final List<String> CANARIES =
      List.of("canary.bin", "etc/passwd", "../canary.bin", "./canary.bin", "data/canary.bin");

  private static final List<String> SYSTEM_FILES =
      List.of("/etc/passwd", "/proc/self/environ", "/dev/zero", "file:///etc/passwd");

  private final List<Hostile> all = new ArrayList<>();

  private HostileModels() {}

  /** The whole corpus, always in the same order. */
  public static List<Hostile> all() {
    HostileModels corpus = new HostileModels();
    corpus.externalData();
    corpus.operators();
    corpus.sizes();
    corpus.counts();
    corpus.foreignFormats();
    corpus.ambiguousBytes();
    corpus.cutFiles();
    return List.copyOf(corpus.all);
  }

  private void externalData() {
    Map<String, TensorProto> ways = new LinkedHashMap<>(OnnxModels.externalTensors());
    Stream.concat(CANARIES.stream(), SYSTEM_FILES.stream())
        .forEach(file -> ways.put("file " + file, OnnxModels.external(file)));
    Map<String, ModelProto> controls = OnnxModels.everyPlaceOf(tensor("w"));
    ways.forEach(
        (way, tensor) ->
            OnnxModels.everyPlaceOf(tensor)
                .forEach(
                    (place, model) ->
                        add(
                            "external data, " + way + ", in " + place,
                            OnnxRejection.EXTERNAL_DATA,
                            model,
                            controls.get(place))));
  }

  private void operators() {
    String[][] foreign = {
      {"evil", "Identity"},
      {"com.microsoft", "EPContext"},
      {"own", "EPContext"},
      {"com.microsoft", "PythonOp"},
      {"com.microsoft.nchwc", "Conv"},
      {"ai.onnx.contrib", "StringToVector"},
      {"AI.ONNX", "Add"},
      {"own", "notDefined"},
    };
    for (String[] name : foreign) {
      NodeProto bad = node(name[1]).setDomain(name[0]).build();
      inEveryPlaceOfANode(
          "operator " + name[1] + " of " + name[0],
          OnnxRejection.OP_DOMAIN,
          bad,
          node("f").setDomain("own").build());
    }
  }

  private void inEveryPlaceOfANode(
      String what, OnnxRejection reason, NodeProto bad, NodeProto good) {
    Map<String, Function<NodeProto, ModelProto.Builder>> places = new LinkedHashMap<>();
    places.put("graph", inner -> model(graph().addNode(inner).build()));
    places.put("g", inner -> model(graphWith(attribute(5).setG(graph().addNode(inner)))));
    places.put(
        "graphs", inner -> model(graphWith(attribute(10).addGraphs(graph().addNode(inner)))));
    places.put("15 deep", inner -> model(nest(graph().addNode(inner).build(), 15)));
    places.put(
        "function",
        inner -> model(graph().build()).addFunctions(function().setName("g").addNode(inner)));
    places.put(
        "default attribute",
        inner ->
            model(graph().build())
                .addFunctions(
                    function()
                        .setName("g")
                        .addAttributeProto(attribute(5).setG(graph().addNode(inner)))));
    places.forEach(
        (place, around) ->
            add(
                what + ", in " + place,
                reason,
                around.apply(bad).addFunctions(function()).build(),
                around.apply(good).addFunctions(function()).build()));
  }

  private void sizes() {
    Map<String, TensorProto.Builder> lies = new LinkedHashMap<>();
    for (long dimension : new long[] {-1, Long.MIN_VALUE, 1, 3, 1L << 40, Long.MAX_VALUE}) {
      lies.put("dimension " + dimension, tensor("w").toBuilder().clearDims().addDims(dimension));
    }
    lies.put(
        "product of 2^64", tensor("w").toBuilder().clearDims().addDims(1L << 32).addDims(1L << 32));
    lies.put(
        "product that wraps", tensor("w").toBuilder().clearDims().addDims(1L << 62).addDims(3));
    lies.put(
        "overflow behind a zero",
        tensor("w").toBuilder().clearDims().addDims(0).addDims(1L << 62).addDims(1L << 62));
    lies.put("no data", tensor("w").toBuilder().clearRawData());
    lies.put("data twice", tensor("w").toBuilder().addFloatData(1).addFloatData(2));
    lies.put("data of another type", tensor("w").toBuilder().clearRawData().addInt64Data(1));
    lies.put("no type", tensor("w").toBuilder().setDataType(0));
    lies.put("unknown type", tensor("w").toBuilder().setDataType(99));
    lies.put("raw strings", tensor("w").toBuilder().setDataType(8));
    lies.put(
        "segment",
        tensor("w").toBuilder().setSegment(TensorProto.Segment.newBuilder().setBegin(0)));
    TensorProto.Builder manyDims = tensor("w").toBuilder().clearDims().addDims(2);
    for (int i = 0; i < 64; i++) {
      manyDims.addDims(1);
    }
    lies.put("65 dimensions", manyDims);
    Map<String, ModelProto> controls = OnnxModels.everyPlaceOf(tensor("w"));
    for (String place : List.of("initializer", "t", "sparse_tensor values", "g / tensors")) {
      lies.forEach(
          (what, lie) ->
              add(
                  "size, " + what + ", in " + place,
                  OnnxRejection.TENSOR_SIZE,
                  OnnxModels.everyPlaceOf(lie.build()).get(place),
                  controls.get(place)));
    }
    SparseTensorProto sparse = OnnxModels.sparse(tensor("v"), OnnxModels.indices());
    add(
        "size, sparse tensor that expands to 2^60",
        OnnxRejection.TENSOR_SIZE,
        model(graph().addSparseInitializer(sparse.toBuilder().setDims(0, 1L << 60)).build())
            .build(),
        model(graph().addSparseInitializer(sparse).build()).build());
  }

  private void counts() {
    Limits limits = Limits.DEFAULT;
    add(
        "nodes",
        OnnxRejection.COUNT,
        model(nodes(limits.nodes() + 1)).build(),
        model(nodes(limits.nodes())).build());
    add(
        "initializers",
        OnnxRejection.COUNT,
        model(initializers(limits.initializers() + 1)).build(),
        model(initializers(limits.initializers())).build());
    for (boolean list : new boolean[] {true, false}) {
      add(
          "string attribute, " + (list ? "one of many" : "single"),
          OnnxRejection.COUNT,
          model(graphWith(string(limits.stringBytes() + 1, list))).build(),
          model(graphWith(string(limits.stringBytes(), list))).build());
    }
    add(
        "depth",
        OnnxRejection.DEPTH,
        model(nest(graph().build(), limits.depth())).build(),
        model(nest(graph().build(), limits.depth() - 1)).build());
    NodeProto.Builder itself = node("f").setDomain("own");
    add(
        "function that calls itself",
        OnnxRejection.COUNT,
        model(graph().build()).addFunctions(function().addNode(itself)).build(),
        model(graph().build()).addFunctions(function()).build());
  }

  private static GraphProto nodes(int count) {
    GraphProto.Builder graph = GraphProto.newBuilder();
    for (int i = 0; i < count; i++) {
      graph.addNode(node("Identity"));
    }
    return graph.build();
  }

  private static GraphProto initializers(int count) {
    GraphProto.Builder graph = graph();
    for (int i = 0; i < count; i++) {
      graph.addInitializer(tensor("w"));
    }
    return graph.build();
  }

  private static AttributeProto.Builder string(int length, boolean list) {
    ByteString text = ByteString.copyFrom(new byte[length]);
    return list ? attribute(8).addStrings(text) : attribute(3).setS(text);
  }

  private void foreignFormats() {
    byte[] good = model(graph().build()).build().toByteArray();
    String[] magics = {
      "....ORTM", "....TFL3", "PK\3\4", "PK\5\6", "\37\213\b", "BZh9", "\3757zXZ", "\50\265\57\375",
      "7z\274\257", "\200\2}", "\200\3}", "\200\4\225", "\200\5\225", "\211HDF\r\n", "GGUF",
          "\177ELF",
      "\223NUMPY"
    };
    for (String magic : magics) {
      byte[] head = magic.getBytes(StandardCharsets.ISO_8859_1);
      add("format " + printable(magic), OnnxRejection.FORMAT, Arrays.copyOf(head, 200), good);
      add(
          "format " + printable(magic) + " before a model",
          OnnxRejection.FORMAT,
          joined(head, good),
          good);
    }
    // A model whose producer_name puts the magic of another format where its loader looks for it.
    for (String magic : new String[] {"ORTM", "TFL3"}) {
      OnnxBytes head =
          new OnnxBytes().raw(0x08, 0x0A).field(2, magic.getBytes(StandardCharsets.US_ASCII));
      byte[] graph = ModelProto.newBuilder().setGraph(graph()).build().toByteArray();
      byte[] control = joined(new OnnxBytes().raw(0x08, 0x0A).field(2, new byte[4]).bytes(), graph);
      add(
          "model that is also " + magic,
          OnnxRejection.FORMAT,
          joined(head.bytes(), graph),
          control);
    }
    for (String text :
        List.of("", "<html></html>", "{\"op\":\"identity\"}", "version https://git-lfs")) {
      add(
          "text '" + text + "'",
          OnnxRejection.PARSE,
          text.getBytes(StandardCharsets.US_ASCII),
          good);
    }
  }

  private static String printable(String magic) {
    return magic.replaceAll("[^ -~]", "?");
  }

  /** Bytes that two readers of protobuf could take in two ways; fields as in the tricks' test. */
  private void ambiguousBytes() {
    OnnxRejection external = OnnxRejection.EXTERNAL_DATA;
    OnnxRejection parse = OnnxRejection.PARSE;
    initializer("location 1, then 0", external, plain().raw(0x70, 1, 0x70, 0));
    initializer("location 0, then 1", external, plain().raw(0x70, 0, 0x70, 1));
    initializer("location in a list", external, plain().raw(0x72, 1, 1));
    initializer("location 2^32 + 1", external, plain().raw(0x70).varint((1L << 32) + 1));
    initializer("location -1", external, plain().raw(0x70).varint(-1));
    initializer(
        "location of ten bytes",
        external,
        plain().raw(0x70, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0));
    initializer("tag in two bytes", parse, plain().raw(0xF0, 0, 1));
    initializer("tag beyond 32 bits", parse, plain().varint((1L << 35) | 0x70).raw(1));
    initializer("location as 32 bits", parse, plain().raw(0x75, 1, 0, 0, 0));
    initializer("data twice", parse, plain().field(9, new byte[4]));
    initializer("unknown field", parse, plain().field(15, new byte[0]));
    OnnxBytes graph = new OnnxBytes().field(5, plain());
    byte[] control = new OnnxBytes().field(7, graph).bytes();
    add("two graphs", parse, new OnnxBytes().field(7, graph).field(7, graph).bytes(), control);
    add("field 0", parse, new OnnxBytes().field(7, graph).field(0, new byte[0]).bytes(), control);
    add("field 9", parse, new OnnxBytes().field(7, graph).field(9, new byte[0]).bytes(), control);
    add(
        "field 100000",
        parse,
        new OnnxBytes().field(7, graph).field(100_000, new byte[0]).bytes(),
        control);
    byte[] tensor = plain().raw(0x70, 1).bytes();
    OnnxBytes longLength =
        new OnnxBytes().tag(5, 2).raw(tensor.length | 0x80, 0).raw(OnnxBytes.unsigned(tensor));
    add("length in two bytes", parse, new OnnxBytes().field(7, longLength).bytes(), control);
    OnnxBytes group = new OnnxBytes().tag(5, 3).raw(OnnxBytes.unsigned(tensor)).tag(5, 4);
    add("group", parse, new OnnxBytes().field(7, group).bytes(), control);
    for (int wireType : new int[] {0, 1, 5, 6, 7}) {
      OnnxBytes other = new OnnxBytes().tag(5, wireType).raw(0, 0, 0, 0, 0, 0, 0, 0);
      add("wire type " + wireType, parse, new OnnxBytes().field(7, other).bytes(), control);
    }
  }

  /** A FLOAT tensor of one element: data_type 1, dims 1, raw_data of four bytes. */
  private static OnnxBytes plain() {
    return new OnnxBytes().raw(0x08, 1, 0x10, 1).field(9, new byte[4]);
  }

  private void initializer(String name, OnnxRejection reason, OnnxBytes tensor) {
    add(
        "initializer, " + name,
        reason,
        new OnnxBytes().field(7, new OnnxBytes().field(5, tensor)).bytes(),
        new OnnxBytes().field(7, new OnnxBytes().field(5, plain())).bytes());
  }

  private void cutFiles() {
    byte[] whole =
        model(nest(graph().addInitializer(tensor("w")).build(), 3))
            .clearOpsetImport()
            .build()
            .toByteArray();
    for (int length = 1; length < whole.length; length += 3) {
      add("cut after " + length, OnnxRejection.PARSE, Arrays.copyOf(whole, length), whole);
    }
  }

  private void add(String name, OnnxRejection reason, ModelProto hostile, ModelProto control) {
    add(name, reason, hostile.toByteArray(), control.toByteArray());
  }

  private void add(String name, OnnxRejection reason, byte[] hostile, byte[] control) {
    all.add(new Hostile(name, reason.name(), hostile, control));
  }

  private static byte[] joined(byte[] first, byte[] second) {
    return ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
  }
}

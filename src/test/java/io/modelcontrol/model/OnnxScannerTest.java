package io.modelcontrol.model;

import static io.modelcontrol.model.OnnxModels.attribute;
import static io.modelcontrol.model.OnnxModels.graph;
import static io.modelcontrol.model.OnnxModels.graphWith;
import static io.modelcontrol.model.OnnxModels.model;
import static io.modelcontrol.model.OnnxModels.nest;
import static io.modelcontrol.model.OnnxModels.node;
import static io.modelcontrol.model.OnnxModels.tensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.docs.GuideTable;
import io.modelcontrol.model.OnnxScanner.Limits;
import io.modelcontrol.testing.onnx.GraphProto;
import io.modelcontrol.testing.onnx.ModelProto;
import io.modelcontrol.testing.onnx.NodeProto;
import io.modelcontrol.testing.onnx.SparseTensorProto;
import io.modelcontrol.testing.onnx.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** hostile-input.md M2 to M4: what the scanner refuses, and that it refuses nothing else. */
class OnnxScannerTest {
  private static final Limits SMALL = new Limits(20, 5, 4, 100, 200, 4096);

  @TempDir Path directory;

  @Test
  void refusesEveryExternalReferenceInEveryPlace() {
    List<String> accepted = new ArrayList<>();
    OnnxModels.externalTensors()
        .forEach(
            (way, tensor) ->
                OnnxModels.everyPlaceOf(tensor)
                    .forEach(
                        (place, model) -> {
                          if (!reasonOf(model.toByteArray()).startsWith("EXTERNAL_DATA: ")) {
                            accepted.add(way + " in " + place);
                          }
                        }));
    assertThat(accepted).isEmpty();
    assertThat(OnnxModels.everyPlaceOf(tensor("w"))).hasSizeGreaterThan(100);
  }

  @Test
  void acceptsTensorsWithTheirDataInsideInEveryPlace() {
    OnnxModels.everyPlaceOf(tensor("w"))
        .forEach(
            (place, model) ->
                assertThatCode(() -> scan(model.toByteArray()))
                    .as(place)
                    .doesNotThrowAnyException());
  }

  @Test
  void namesTheTensorThatRefersOutside() {
    TensorProto external = OnnxModels.externalTensors().get("location alone");
    assertThat(reasonOf(model(graph().addInitializer(external).build())))
        .isEqualTo("EXTERNAL_DATA: initializer 'w' refers to data outside of the model");
  }

  @Test
  void repeatsNoControlCharactersAndNoLongNames() {
    TensorProto external = OnnxModels.externalTensors().get("location alone");
    String name = "\u001b[31m\n" + "x".repeat(1000);
    ModelProto model =
        model(graph().addInitializer(external.toBuilder().setName(name)).build()).build();
    assertThat(reasonOf(model.toByteArray()))
        .matches("EXTERNAL_DATA: initializer '\\?\\[31m\\?x{58}\\.\\.\\.' refers .*");
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, Long.MIN_VALUE, 1L << 40, 1, 3})
  void refusesDimensionsThatDoNotFitTheData(long dimension) {
    TensorProto.Builder lie = tensor("w").toBuilder().clearDims().addDims(dimension);
    assertThat(reasonOf(model(graph().addInitializer(lie).build()))).startsWith("TENSOR_SIZE: ");
  }

  @Test
  void refusesDimensionsWhoseProductOverflows() {
    for (long[] dims :
        new long[][] {{1L << 32, 1L << 32}, {1L << 62, 3}, {0, 1L << 62, 1L << 62}}) {
      TensorProto.Builder lie = tensor("w").toBuilder().clearDims().clearRawData();
      for (long dim : dims) {
        lie.addDims(dim);
      }
      assertThat(reasonOf(model(graph().addInitializer(lie).build()))).startsWith("TENSOR_SIZE: ");
    }
  }

  @Test
  void refusesDataThatTwoReadersCouldTakeDifferently() {
    List<TensorProto.Builder> tensors =
        List.of(
            tensor("w").toBuilder().addFloatData(1).addFloatData(2),
            tensor("w").toBuilder().clearRawData().addInt32Data(1).addInt32Data(2),
            tensor("w").toBuilder().clearRawData().addFloatData(1),
            tensor("w").toBuilder().clearRawData(),
            tensor("w").toBuilder().setDataType(0),
            tensor("w").toBuilder().setDataType(99),
            tensor("w").toBuilder().setDataType(8),
            tensor("w").toBuilder().setSegment(TensorProto.Segment.newBuilder().setBegin(0)));
    for (TensorProto.Builder tensor : tensors) {
      assertThat(reasonOf(model(graph().addInitializer(tensor).build())))
          .startsWith("TENSOR_SIZE: ");
    }
  }

  @Test
  void acceptsFourBitDataPackedInto32BitNumbers() {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setName("w").setDataType(22).addDims(5).addInt32Data(1);
    scan(model(graph().addInitializer(tensor.addInt32Data(2).addInt32Data(3)).build()));
  }

  @Test
  void boundsWhatSparseTensorsExpandTo() {
    SparseTensorProto.Builder sparse =
        OnnxModels.sparse(tensor("v"), OnnxModels.indices()).toBuilder().clearDims();
    scan(model(graph().addSparseInitializer(sparse.clone().addDims(1024)).build()), SMALL);
    assertThat(
            reasonOf(
                model(graph().addSparseInitializer(sparse.clone().addDims(1025)).build()), SMALL))
        .startsWith("TENSOR_SIZE: sparse tensors take more than 4096 bytes");
    assertThat(
            reasonOf(model(graph().addSparseInitializer(sparse.clone().addDims(1L << 60)).build())))
        .startsWith("TENSOR_SIZE: ");
  }

  @Test
  void countsNodesOfAllGraphsTogether() {
    GraphProto.Builder graph = graph();
    for (int i = 0; i < 9; i++) {
      graph.addNode(node("Identity"));
    }
    GraphProto ten = graph.build();
    scan(model(ten), SMALL);
    GraphProto outer =
        ten.toBuilder().addNode(node("If").addAttribute(attribute(5).setG(ten))).build();
    assertThat(reasonOf(model(outer), SMALL)).isEqualTo("COUNT: more than 20 nodes");
  }

  @Test
  void countsInitializersPartsAndTheBytesOfStrings() {
    GraphProto.Builder initializers = graph();
    for (int i = 0; i < 6; i++) {
      initializers.addInitializer(tensor("w"));
    }
    assertThat(reasonOf(model(initializers.build()), SMALL))
        .isEqualTo("COUNT: more than 5 initializers");

    NodeProto.Builder inputs = node("Concat");
    for (int i = 0; i < 200; i++) {
      inputs.addInput("");
    }
    assertThat(reasonOf(model(graph().addNode(inputs).build()), SMALL))
        .isEqualTo("COUNT: more than 200 parts");

    ByteString text = ByteString.copyFrom(new byte[101]);
    assertThat(reasonOf(model(graphWith(attribute(3).setS(text))), SMALL))
        .isEqualTo("COUNT: a string attribute has 101 bytes, at most 100");
    assertThat(reasonOf(model(graphWith(attribute(8).addStrings(text))), SMALL))
        .startsWith("COUNT");
    scan(model(graphWith(attribute(3).setS(text.substring(1)))), SMALL);
  }

  @Test
  void refusesGraphsNestedDeeperThanTheLimit() {
    scan(model(nest(graph().build(), 15)));
    assertThat(reasonOf(model(nest(graph().build(), 16))))
        .isEqualTo("DEPTH: graphs are nested more than 16 deep");
  }

  @Test
  void nestingCostsNoStackOfTheThread() {
    Limits deep = new Limits(50_000, 50_000, 50_000, 65_536, 2_000_000, 1 << 20);
    OnnxBytes graph = new OnnxBytes();
    for (int i = 0; i < 20_000; i++) {
      OnnxBytes attribute = new OnnxBytes().field(6, graph);
      graph = new OnnxBytes().field(1, new OnnxBytes().field(5, attribute));
    }
    assertThat(OnnxBytes.reasonOf(new OnnxBytes().field(7, graph).bytes(), deep))
        .isEqualTo("accepted");
    assertThat(reasonOf(new OnnxBytes().field(7, graph).bytes())).startsWith("DEPTH: ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PK\u0003\u0004", "\u001f\u008b\b", "\u0080\u0002}", "\u0080\u0004\u0095", "....ORTM",
            "....TFL3",
        "\u0089HDF\r\n", "GGUF", "\u007fELF", "\u0093NUMPY", "BZh9", "\u00fd7zXZ"
      })
  void refusesOtherFormatsByTheirMagic(String magic) {
    byte[] content = (magic + "x".repeat(100)).getBytes(StandardCharsets.ISO_8859_1);
    assertThat(reasonOf(content)).startsWith("FORMAT: the content is ");
  }

  /** A loader that finds ORTM at byte 4 would read a flatbuffer where the scanner read protobuf. */
  @Test
  void refusesAModelThatIsAlsoAFlatbuffer() {
    byte[] name = {0x08, 0x0A, 0x12, 4, 'O', 'R', 'T', 'M'};
    byte[] content = concat(name, ModelProto.newBuilder().setGraph(graph()).build().toByteArray());
    assertThat(reasonOf(content)).startsWith("FORMAT: ");
  }

  @Test
  void refusesEmptyContentAndContentWithoutAGraph() {
    assertThat(reasonOf(new byte[0])).isEqualTo("PARSE: the content is empty");
    assertThat(reasonOf(new byte[] {0x08, 0x0A})).isEqualTo("PARSE: the content has no graph");
    assertThat(reasonOf("<html></html>".getBytes(StandardCharsets.US_ASCII))).startsWith("PARSE: ");
  }

  @Test
  void refusesEachTruncationOfAModel() {
    byte[] whole =
        model(nest(graph().addInitializer(tensor("w")).build(), 3)).build().toByteArray();
    // The opset import stands behind the graph: cut within it or before, not at its first byte.
    int graphEnd =
        model(nest(graph().addInitializer(tensor("w")).build(), 3))
            .clearOpsetImport()
            .build()
            .toByteArray()
            .length;
    for (int length = 0; length < whole.length; length++) {
      if (length != graphEnd) {
        assertThat(reasonOf(Arrays.copyOf(whole, length))).startsWith("PARSE: ");
      }
    }
  }

  @Test
  void leavesTheBufferAsItWas() {
    byte[] content = model(graph().build()).build().toByteArray();
    ByteBuffer buffer = ByteBuffer.allocate(content.length + 6).position(3);
    buffer.put(content).flip().position(3);
    OnnxScanner.scan(buffer, Limits.DEFAULT);
    assertThat(buffer.position()).isEqualTo(3);
    assertThat(buffer.remaining()).isEqualTo(content.length);
  }

  @Test
  void readsFilesThroughAWindowAndSkipsRawData() throws IOException {
    TensorProto big =
        TensorProto.newBuilder().setName("big").setDataType(7).addDims(300_000).build();
    TensorProto.Builder typed = big.toBuilder();
    for (int i = 0; i < 300_000; i++) {
      typed.addInt64Data(i * 31L);
    }
    TensorProto raw = big.toBuilder().setRawData(ByteString.copyFrom(new byte[2_400_000])).build();
    Path good = directory.resolve("good");
    Files.write(
        good,
        model(graph().addInitializer(raw).addInitializer(typed).build()).build().toByteArray());
    OnnxScanner.scan(good, Limits.DEFAULT);

    Path bad = directory.resolve("bad");
    TensorProto external = OnnxModels.externalTensors().get("entry alone");
    Files.write(
        bad,
        model(graph().addInitializer(typed).addInitializer(raw).addInitializer(external).build())
            .build()
            .toByteArray());
    assertThatExceptionOfType(McpException.class)
        .isThrownBy(() -> OnnxScanner.scan(bad, Limits.DEFAULT))
        .withMessageStartingWith("EXTERNAL_DATA: ");
  }

  @Test
  void tellsAMissingFileWithoutItsPath() {
    assertThatExceptionOfType(McpException.class)
        .isThrownBy(() -> OnnxScanner.scan(directory.resolve("none"), Limits.DEFAULT))
        .matches(e -> e.code() == ErrorCode.RUNTIME_FAILURE)
        .withMessage("the content of the model cannot be read");
  }

  private static void scan(byte[] content) {
    OnnxScanner.scan(ByteBuffer.wrap(content), Limits.DEFAULT);
  }

  private static void scan(ModelProto.Builder model) {
    scan(model, Limits.DEFAULT);
  }

  private static void scan(ModelProto.Builder model, Limits limits) {
    OnnxScanner.scan(ByteBuffer.wrap(model.build().toByteArray()), limits);
  }

  private static String reasonOf(ModelProto.Builder model) {
    return reasonOf(model, Limits.DEFAULT);
  }

  private static String reasonOf(byte[] content) {
    return OnnxBytes.reasonOf(content, Limits.DEFAULT);
  }

  private static String reasonOf(ModelProto.Builder model, Limits limits) {
    return OnnxBytes.reasonOf(model.build().toByteArray(), limits);
  }

  private static byte[] concat(byte[] first, byte[] second) {
    return ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
  }

  @Test
  void theGuideListsEveryReason() {
    Set<String> documented =
        GuideTable.rows(Path.of("src/main/asciidoc/security.adoc"), "onnx-rejections").stream()
            .map(row -> row.get(0))
            .collect(Collectors.toSet());
    assertThat(documented)
        .isEqualTo(
            Arrays.stream(OnnxRejection.values()).map(Enum::name).collect(Collectors.toSet()));
  }
}

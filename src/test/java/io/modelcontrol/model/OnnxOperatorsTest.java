package io.modelcontrol.model;

import static io.modelcontrol.model.OnnxModels.attribute;
import static io.modelcontrol.model.OnnxModels.function;
import static io.modelcontrol.model.OnnxModels.graph;
import static io.modelcontrol.model.OnnxModels.graphWith;
import static io.modelcontrol.model.OnnxModels.model;
import static io.modelcontrol.model.OnnxModels.node;
import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.model.OnnxScanner.Limits;
import io.modelcontrol.testing.onnx.FunctionProto;
import io.modelcontrol.testing.onnx.GraphProto;
import io.modelcontrol.testing.onnx.ModelProto;
import io.modelcontrol.testing.onnx.NodeProto;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which operators a model may use, and what its own functions come to. */
class OnnxOperatorsTest {
  private static final Limits SMALL = new Limits(20, 5, 4, 100, 200, 4096);

  @ParameterizedTest
  @ValueSource(
      strings = {"", "ai.onnx", "ai.onnx.ml", "ai.onnx.preview.training", "com.microsoft", "own"})
  void acceptsOperatorsOfKnownDomainsAndOfTheModelItself(String domain) {
    GraphProto graph = graph().addNode(node("f").setDomain(domain)).build();
    assertThat(reasonOf(model(graph).addFunctions(function()))).isEqualTo("accepted");
  }

  @ParameterizedTest
  @CsvSource({
    "evil,            Identity",
    "own,             g",
    "own2,            f",
    "com.microsoft,   EPContext",
    "own,             EPContext",
    "com.microsoft,   PythonOp",
    "com.microsoft.nchwc, Conv",
    "ai.onnx.contrib, StringToVector",
    "AI.ONNX,         Add",
  })
  void refusesOperatorsThatNobodyHereDefines(String domain, String operator) {
    NodeProto.Builder foreign = node(operator).setDomain(domain);
    GraphProto inner = graph().addNode(foreign).build();
    for (GraphProto graph : List.of(inner, graphWith(attribute(5).setG(inner)))) {
      assertThat(reasonOf(model(graph).addFunctions(function())))
          .startsWith("OP_DOMAIN: operator '" + operator);
    }
    assertThat(reasonOf(model(graph().build()).addFunctions(function().addNode(foreign))))
        .startsWith("OP_DOMAIN: operator '" + operator);
  }

  @Test
  void comparesOperatorNamesByTheirWholeLength() {
    String longName = "f".repeat(ProtoReader.MAX_TEXT_BYTES);
    GraphProto graph = graph().addNode(node(longName + "x").setDomain("own")).build();
    assertThat(reasonOf(model(graph).addFunctions(function().setName(longName + "y"))))
        .startsWith("OP_DOMAIN: ");
  }

  @Test
  void countsTheNodesThatCallsOfFunctionsComeTo() {
    assertThat(reasonOf(calls(2, 4), SMALL)).isEqualTo("accepted");
    assertThat(reasonOf(calls(10, 12)))
        .isEqualTo("COUNT: more than 50000 nodes once functions are expanded");
    assertThat(reasonOf(calls(30, 60))).startsWith("COUNT: ");
  }

  @Test
  void refusesFunctionsThatCallThemselvesOrComeTwice() {
    NodeProto.Builder call = node("f").setDomain("own");
    assertThat(reasonOf(model(graph().build()).addFunctions(function().addNode(call))))
        .isEqualTo("COUNT: function 'f' of domain 'own' calls itself");
    assertThat(
            reasonOf(
                model(graph().build())
                    .addFunctions(function().addNode(node("f2").setDomain("own")))
                    .addFunctions(function().setName("f2").addNode(call))))
        .endsWith("calls itself");
    assertThat(reasonOf(model(graph().build()).addFunctions(function()).addFunctions(function())))
        .isEqualTo("PARSE: function 'f' of domain 'own' is defined twice");
    assertThat(
            reasonOf(
                model(graph().build())
                    .addFunctions(function())
                    .addFunctions(function().setOverload("o"))))
        .isEqualTo("accepted");
  }

  /** Functions in a chain, each of which calls the next one so many times. */
  private static ModelProto.Builder calls(int each, int functions) {
    ModelProto.Builder model =
        model(GraphProto.newBuilder().addNode(node("f0").setDomain("own")).build());
    for (int i = 0; i < functions; i++) {
      FunctionProto.Builder function = FunctionProto.newBuilder().setName("f" + i).setDomain("own");
      for (int j = 0; j < each; j++) {
        function.addNode(
            i + 1 < functions ? node("f" + (i + 1)).setDomain("own") : node("Identity"));
      }
      model.addFunctions(function);
    }
    return model;
  }

  private static String reasonOf(ModelProto.Builder model) {
    return reasonOf(model, Limits.DEFAULT);
  }

  private static String reasonOf(ModelProto.Builder model, Limits limits) {
    return OnnxBytes.reasonOf(model.build().toByteArray(), limits);
  }
}

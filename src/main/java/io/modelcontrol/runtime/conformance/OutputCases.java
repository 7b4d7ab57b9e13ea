package io.modelcontrol.runtime.conformance;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.Tensor;
import io.modelcontrol.runtime.LoadedModel;
import java.util.List;

/** Outputs that are asked for, and what is computed in eight bits. */
final class OutputCases {
  private OutputCases() {}

  static List<RuntimeCase> all() {
    return List.of(
        new RuntimeCase(
            "output/one-of-two",
            "computes the one output that is requested, and no other",
            bench -> gives(bench, 1)),
        new RuntimeCase(
            "output/order",
            "gives outputs in the order in which they are requested",
            bench -> gives(bench, 1, 0)),
        new RuntimeCase(
            "output/all",
            "gives all outputs in the model's order if none is requested",
            OutputCases::givesAll),
        new RuntimeCase(
            "output/unknown",
            "refuses an output of no such name with INVALID_ARGUMENT, and works on",
            bench -> refuses(bench, List.of("nobody"))),
        new RuntimeCase(
            "output/twice",
            "refuses an output that is requested twice with INVALID_ARGUMENT, and works on",
            OutputCases::refusesTwice),
        new RuntimeCase(
            "int8/mixed-precision",
            "computes with weights of eight bits what a processor computes",
            OutputCases::computesInt8));
  }

  private static ConformanceModel twoOutputs(Bench bench) {
    return bench.need(bench.models().twoOutputs(), "two outputs");
  }

  private static List<Tensor> inputs(ConformanceModel model) {
    return List.of(Samples.of(model.inputs().get(0), 3), Samples.of(model.inputs().get(1), 5));
  }

  private static Tensor answer(ConformanceModel model, List<Tensor> inputs, int index) {
    return inputs.get(index).renamed(model.outputs().get(index).name());
  }

  private static void gives(Bench bench, Integer... indexes) throws Exception {
    ConformanceModel content = twoOutputs(bench);
    List<Tensor> inputs = inputs(content);
    List<Tensor> expected =
        List.of(indexes).stream().map(index -> answer(content, inputs, index)).toList();
    List<String> requested = expected.stream().map(Tensor::name).toList();
    try (LoadedModel model = bench.load(content)) {
      Expect.answers(model, inputs, requested, expected);
    }
  }

  private static void givesAll(Bench bench) throws Exception {
    ConformanceModel content = twoOutputs(bench);
    List<Tensor> inputs = inputs(content);
    List<Tensor> expected = List.of(answer(content, inputs, 0), answer(content, inputs, 1));
    try (LoadedModel model = bench.load(content)) {
      Expect.answers(model, inputs, List.of(), expected);
    }
  }

  private static void refusesTwice(Bench bench) throws Exception {
    String output = bench.identity(DataType.FLOAT).outputs().get(0).name();
    refuses(bench, List.of(output, output));
  }

  private static void refuses(Bench bench, List<String> requested) throws Exception {
    ConformanceModel identity = bench.identity(DataType.FLOAT);
    try (LoadedModel model = bench.load(identity)) {
      List<Tensor> inputs = List.of(Samples.of(identity.inputs().get(0), 1));
      Expect.refuses(model, inputs, requested, ErrorCode.INVALID_ARGUMENT);
      RequestCases.echoes(model, identity, 1);
    }
  }

  private static void computesInt8(Bench bench) throws Exception {
    KnownAnswer known = bench.need(bench.models().int8(), "int8 mixed precision");
    try (LoadedModel model = bench.load(known.model())) {
      Expect.answersAbout(model, known);
    }
  }
}

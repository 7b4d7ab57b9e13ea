package io.modelcontrol.runtime.conformance;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.modelcontrol.runtime.LoadedModel;
import io.modelcontrol.runtime.RunControl;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** What a model declares, the shapes it takes, and requests that do not fit it. */
final class RequestCases {
  private static final long[] ROWS = {1, 7, 1, 1_000, 0, 7};

  private RequestCases() {}

  static List<RuntimeCase> all() {
    List<RuntimeCase> cases = new ArrayList<>();
    cases.add(
        new RuntimeCase(
            "describe/specs",
            "declares the inputs and outputs of the content, in its order",
            RequestCases::declares));
    for (long rows : new long[] {1, 7, 1_000, 0}) {
      cases.add(
          new RuntimeCase(
              "shape/" + rows + "-rows",
              "takes " + rows + " rows in a dynamic dimension",
              bench -> takes(bench, rows)));
    }
    cases.add(
        new RuntimeCase(
            "shape/changing",
            "takes another number of rows with each run of one model",
            bench -> takes(bench, ROWS)));
    cases.addAll(refused());
    cases.add(
        new RuntimeCase(
            "close/final",
            "refuses a run after close with an error that has a code",
            RequestCases::isFinal));
    return cases;
  }

  private static List<RuntimeCase> refused() {
    return List.of(
        refused("wrong-dtype", "an input of another type", x -> List.of(typed(x))),
        refused("wrong-rank", "an input of another rank", x -> List.of(x.reshaped(4))),
        refused(
            "wrong-dimension",
            "an input with another fixed dimension",
            x -> List.of(x.reshaped(2, 2))),
        refused("missing-input", "a request without its input", x -> List.of()),
        refused("unknown-input", "an input of no such name", x -> List.of(x.renamed("nobody"))),
        refused(
            "one-too-many",
            "an input that the model does not have, beside its own",
            x -> List.of(x, x.renamed("nobody"))),
        refused("given-twice", "an input that is given twice", x -> List.of(x, x)));
  }

  private static RuntimeCase refused(String name, String what, Wrong wrong) {
    return new RuntimeCase(
        "request/" + name,
        "refuses " + what + " with INVALID_TENSOR, and works on",
        bench -> refuses(bench, wrong));
  }

  /** Makes a wrong request of a right input. */
  @FunctionalInterface
  private interface Wrong {
    List<Tensor> of(Tensor right);
  }

  private static void refuses(Bench bench, Wrong wrong) throws Exception {
    ConformanceModel identity = bench.identity(DataType.FLOAT);
    try (LoadedModel model = bench.load(identity)) {
      Tensor right = Samples.of(identity.inputs().get(0), 1);
      Expect.refuses(model, wrong.of(right), List.of(), ErrorCode.INVALID_TENSOR);
      echoes(model, identity, 1);
    }
  }

  private static Tensor typed(Tensor right) {
    return Tensor.of(right.name(), DataType.INT32, right.shape(), right.data());
  }

  private static void declares(Bench bench) throws Exception {
    for (ConformanceModel content :
        List.of(bench.identity(DataType.FLOAT), bench.need(bench.models().add(), "a sum"))) {
      try (LoadedModel model = bench.load(content)) {
        same(content.inputs(), model.inputs());
        same(content.outputs(), model.outputs());
      }
    }
  }

  private static void same(List<TensorSpec> expected, List<TensorSpec> came) {
    Expect.that(expected.equals(came), expected.toString(), came.toString());
  }

  private static void takes(Bench bench, long... rows) throws Exception {
    ConformanceModel identity = bench.identity(DataType.FLOAT);
    try (LoadedModel model = bench.load(identity)) {
      for (long each : rows) {
        echoes(model, identity, each);
      }
    }
  }

  /** The model of an identity gives back so many rows. */
  static void echoes(LoadedModel model, ConformanceModel identity, long rows) {
    Tensor input = Samples.of(identity.inputs().get(0), rows);
    UnaryOperator<Tensor> answer = x -> x.renamed(identity.outputs().get(0).name());
    Expect.answers(model, List.of(input), List.of(), List.of(answer.apply(input)));
  }

  private static void isFinal(Bench bench) throws Exception {
    ConformanceModel identity = bench.identity(DataType.FLOAT);
    LoadedModel model = bench.load(identity);
    model.close();
    List<Tensor> inputs = List.of(Samples.of(identity.inputs().get(0), 1));
    List<Tensor> outputs;
    try {
      outputs = model.infer(inputs, List.of(), new RunControl());
    } catch (McpException e) {
      return;
    }
    outputs.forEach(Tensor::release);
    throw CaseEnd.failed("an error such as MODEL_NOT_READY", "the answer " + outputs);
  }
}

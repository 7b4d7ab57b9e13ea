package io.modelcontrol.runtime.conformance;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.runtime.LoadedModel;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Each element type goes through a model as it is. A runtime need not carry all, but FLOAT. */
final class TypeCases {
  private static final long ROWS = 6;

  /** With these a runtime says that it does not carry a type; anything else is a failure. */
  private static final Set<ErrorCode> NOT_CARRIED =
      Set.of(ErrorCode.UNSUPPORTED_DTYPE, ErrorCode.MODEL_REJECTED);

  private TypeCases() {}

  static List<RuntimeCase> all() {
    return Arrays.stream(DataType.values())
        .map(
            type ->
                new RuntimeCase(
                    "dtype/" + type.name().toLowerCase(Locale.ROOT),
                    "carries " + type + " bit for bit, from the heap and from native memory",
                    bench -> carries(bench, type)))
        .toList();
  }

  private static void carries(Bench bench, DataType type) throws IOException {
    ConformanceModel identity = bench.identity(type);
    try (LoadedModel model = bench.load(identity)) {
      Tensor heap = Samples.of(identity.inputs().get(0), ROWS);
      Tensor direct = Samples.direct(identity.inputs().get(0), ROWS);
      List<Tensor> expected = List.of(heap.renamed(identity.outputs().get(0).name()));
      try {
        Expect.answers(model, List.of(heap), List.of(), expected);
        Expect.answers(model, List.of(direct), List.of(), expected);
      } finally {
        direct.release();
      }
    } catch (McpException e) {
      if (type == DataType.FLOAT || !NOT_CARRIED.contains(e.code())) {
        throw e;
      }
      throw CaseEnd.notRun("the runtime does not carry " + type + ": " + e);
    }
  }
}

package io.modelcontrol.runtime.conformance;

import io.modelcontrol.DataType;
import io.modelcontrol.runtime.LoadedModel;
import io.modelcontrol.runtime.RuntimeSettings;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Execution providers: those that are not on this machine are not run. */
final class ProviderCases {
  private static final List<String> PROVIDERS =
      List.of("CPU", "CUDA", "TensorRT", "OpenVINO", "CANN");

  private ProviderCases() {}

  static List<RuntimeCase> all() {
    return PROVIDERS.stream()
        .flatMap(
            provider ->
                Stream.of(
                    new RuntimeCase(
                        "provider/" + provider.toLowerCase(Locale.ROOT),
                        "carries FLOAT bit for bit on " + provider,
                        bench -> carriesFloat(bench, provider)),
                    new RuntimeCase(
                        "provider/" + provider.toLowerCase(Locale.ROOT) + "-int8",
                        "computes in int8 mixed precision on " + provider,
                        bench -> computesInt8(bench, provider))))
        .toList();
  }

  private static void carriesFloat(Bench bench, String provider) throws Exception {
    ConformanceModel identity = bench.identity(DataType.FLOAT);
    try (LoadedModel model = bench.load(identity, only(provider))) {
      requireUsed(model.executionProviders(), provider);
      RequestCases.echoes(model, identity, 1);
    }
  }

  private static void computesInt8(Bench bench, String provider) throws Exception {
    Optional<KnownAnswer> int8 = bench.models().int8();
    KnownAnswer known = bench.need(int8, "int8 mixed precision");
    try (LoadedModel model = bench.load(known.model(), only(provider))) {
      requireUsed(model.executionProviders(), provider);
      Expect.answersAbout(model, known);
    }
  }

  private static RuntimeSettings only(String provider) {
    return new RuntimeSettings(0, List.of(provider), List.of());
  }

  private static void requireUsed(List<String> used, String provider) {
    if (used.isEmpty()) {
      throw CaseEnd.notRun("the runtime tells no execution providers");
    }
    if (used.stream().noneMatch(provider::equalsIgnoreCase)) {
      throw CaseEnd.notRun(provider + " is not on this machine, the model runs on " + used);
    }
  }
}

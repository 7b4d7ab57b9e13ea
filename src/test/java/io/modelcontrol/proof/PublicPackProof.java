package io.modelcontrol.proof;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.modelcontrol.it.SocketExecutor;
import io.modelcontrol.testing.CaseResult;
import io.modelcontrol.testing.CaseSummary;
import io.modelcontrol.testing.OnnxCases;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/**
 * Every case of the public pack over a real socket, against what bare ONNX Runtime makes of it;
 * then the real models with their labels.
 */
public final class PublicPackProof implements Proof {
  private static final String REAL_MODELS = "io.modelcontrol.it.RealModelsSocketTest";

  /** Their only output is a sequence, which is refused by name. */
  private static final int REFUSED_BY_NAME = 3;

  @Override
  public String run(ProofArgs args) throws Exception {
    Path store = Files.createTempDirectory("public-pack");
    List<CaseResult> results;
    try (SocketExecutor executor = new SocketExecutor(store)) {
      results = OnnxCases.load().run(executor);
    }
    List<String> worse =
        results.stream().filter(CaseResult::isWorseThanPublic).map(CaseResult::name).toList();
    System.out.println(CaseSummary.of(results));
    if (worse.size() > REFUSED_BY_NAME) {
      throw new AssertionError("worse than bare ONNX Runtime: " + worse);
    }
    long models = realModels();
    CaseSummary summary = CaseSummary.of(results);
    return String.format(
        "%d cases; here %s; bare, public API %s; bare, best %s; refused by name: %s;"
            + " %d tests of real models passed",
        results.size(), summary.here(), summary.publicApi(), summary.best(), worse, models);
  }

  private static long realModels() {
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request().selectors(selectClass(REAL_MODELS)).build();
    LauncherFactory.create().execute(request, listener);
    if (listener.getSummary().getTotalFailureCount() > 0) {
      throw new AssertionError(
          "real models: " + listener.getSummary().getFailures().get(0).getException());
    }
    return listener.getSummary().getTestsSucceededCount();
  }
}

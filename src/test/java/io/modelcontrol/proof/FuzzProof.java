package io.modelcontrol.proof;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Jazzer on the decoders, one target after the other in a JVM of its own; the count is the seconds
 * of each. A finding fails the proof, and stays as an input of the regression test.
 */
public final class FuzzProof implements Proof {
  private static final int DEFAULT_SECONDS = 600;
  private static final long START_SECONDS = 300;

  /** Frames, TLV messages, tensors and negotiation; then what came with them. */
  private static final List<String> TARGETS =
      List.of(
          "FrameDecoderFuzz",
          "MessageDecoderFuzz",
          "TensorFuzz",
          "NegotiationFuzz",
          "DescriptorFuzz",
          "OnnxScannerFuzz",
          "ResumeTokensFuzz",
          "SessionScriptFuzz",
          "MessageDecompressorFuzz");

  @Override
  public String run(ProofArgs args) throws Exception {
    int seconds = args.countOr(DEFAULT_SECONDS);
    List<String> figures = new ArrayList<>();
    for (String target : TARGETS) {
      fuzz(target, seconds);
      figures.add(target + " " + seconds + " s");
    }
    return "no finding: " + String.join(", ", figures);
  }

  private static void fuzz(String target, int seconds) throws IOException, InterruptedException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-ea",
            "-Xmx1g",
            "-XX:+EnableDynamicAgentLoading",
            "-Djazzer.max_duration=" + seconds + "s",
            "-Djazzer.instrument=io.modelcontrol.**",
            "-cp",
            System.getProperty("java.class.path"),
            FuzzMain.class.getName(),
            "io.modelcontrol.fuzz." + target);
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.environment().put("JAZZER_FUZZ", "1");
    Process process = builder.start();
    if (!process.waitFor(seconds + START_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(target + " did not end");
    }
    if (process.exitValue() != 0) {
      throw new AssertionError(target + " has a finding, see above");
    }
  }
}

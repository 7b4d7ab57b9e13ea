package io.modelcontrol.cli;

import io.modelcontrol.Tensor;
import io.modelcontrol.client.InferenceResult;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.ModelUpload;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/** What the demo shows: three real models, asked over a real socket. */
final class Demo {
  private static final long TIMEOUT_SECONDS = 60;

  /** Speech was recorded here, with pauses; less would mean that the model does not work. */
  private static final double LEAST_SPEECH = 0.3;

  private final McpClient client;
  private final Consumer<String> out;
  private final Histogram roundTrips = new Histogram(3);
  private final Histogram runtimes = new Histogram(3);
  private boolean right = true;

  Demo(McpClient client, Consumer<String> out) {
    this.client = client;
    this.out = out;
  }

  /** Runs all of it; returns whether everything was recognized. */
  boolean run() throws Exception {
    digits();
    files();
    speech();
    out.accept("");
    out.accept(
        right
            ? "All of it was recognized, over MCP on a loopback socket."
            : "Something was not recognized.");
    return right;
  }

  private void digits() throws Exception {
    load("mnist_cntk", "reads handwritten digits");
    List<DemoData.Sample> digits = DemoData.digits();
    drawDigit(digits.get(0).input());
    StringBuilder read = new StringBuilder();
    int correct = 0;
    for (DemoData.Sample digit : digits) {
      String best = Integer.toString(best(infer("mnist_cntk", digit.input()).first()));
      read.append(best).append(' ');
      correct += best.equals(digit.label()) ? 1 : 0;
    }
    out.accept("  read as " + read);
    verdict(correct, digits.size(), "digits");
  }

  private void files() throws Exception {
    load("magika_v3_3", "tells what kind of file some bytes are");
    List<String> kinds = DemoData.kinds();
    List<String> named = new ArrayList<>();
    int correct = 0;
    for (DemoData.Sample file : DemoData.files()) {
      String kind = kinds.get(best(infer("magika_v3_3", file.input()).first()));
      named.add(kind);
      correct += kind.equals(file.label()) ? 1 : 0;
    }
    out.accept("  named " + String.join(", ", named));
    verdict(correct, named.size(), "kinds of file");
  }

  private void speech() throws Exception {
    load("silero_vad", "hears where somebody speaks");
    SpeechStream stream = new SpeechStream(DemoData.speech());
    stream.run(
        inputs -> {
          try {
            return infer("silero_vad", inputs.toArray(new Tensor[0])).tensors();
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
    out.accept("  speech at " + String.join(", ", stream.segments()));
    right &= stream.share() >= LEAST_SPEECH;
    out.accept(
        String.format(Locale.ROOT, "  %.0f %% of the time; %s", 100 * stream.share(), times()));
  }

  private void load(String name, String does) throws Exception {
    byte[] content = DemoData.model(name);
    client.load(ModelUpload.of(name, "1", content)).await(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    roundTrips.reset();
    runtimes.reset();
    out.accept("");
    out.accept(String.format(Locale.ROOT, "%s, %,d KiB, %s", name, content.length / 1024, does));
  }

  private InferenceResult infer(String model, Tensor... inputs) throws Exception {
    long start = System.nanoTime();
    InferenceResult result = client.infer(model, inputs).await(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    roundTrips.recordValue(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start));
    result.runtimeMicros().ifPresent(runtimes::recordValue);
    return result;
  }

  private void verdict(int correct, int all, String what) {
    right &= correct == all;
    out.accept(String.format(Locale.ROOT, "  %d of %d %s right; %s", correct, all, what, times()));
  }

  private String times() {
    return String.format(
        Locale.ROOT,
        "median round trip %.2f ms, %.2f ms of it in the runtime",
        roundTrips.getValueAtPercentile(50) / 1e3,
        runtimes.getValueAtPercentile(50) / 1e3);
  }

  private void drawDigit(Tensor digit) {
    float[] pixels = digit.toFloats();
    String shades = " .:+#";
    for (int row = 4; row < 24; row += 2) {
      StringBuilder line = new StringBuilder("    ");
      for (int column = 2; column < 26; column++) {
        float ink = (pixels[row * 28 + column] + pixels[(row + 1) * 28 + column]) / 2;
        line.append(shades.charAt(Math.min(4, Math.max(0, (int) (ink * 5 / 256)))));
      }
      out.accept(line.toString());
    }
  }

  private static int best(Tensor scores) {
    float[] values = scores.toFloats();
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      best = values[i] > values[best] ? i : best;
    }
    return best;
  }
}

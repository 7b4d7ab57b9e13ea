package io.modelcontrol.cli;

import io.modelcontrol.Tensor;
import io.modelcontrol.client.GenerationEnd;
import io.modelcontrol.client.GenerationRequest;
import io.modelcontrol.client.InferenceResult;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpGeneration;
import io.modelcontrol.client.McpSequence;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.client.SequenceRequest;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/** What the demo shows: four real models, asked over a real socket. */
final class Demo {
  private static final long TIMEOUT_SECONDS = 60;

  /** Speech was recorded here, with pauses; less would mean that the model does not work. */
  private static final double LEAST_SPEECH = 0.3;

  /** How the outputs of stories260k become its next inputs, and which of them are tokens. */
  private static final Map<String, String> STORIES =
      Map.of(
          "state.present.*", "past.*",
          "state-shape.past.*", "1,4,0,8",
          "generate.tokens", "input_ids",
          "generate.positions", "position_ids",
          "generate.logits", "logits");

  private static final int STORY_TOKENS = 60;

  /** What it always writes first where the likeliest token is taken. */
  private static final String STORY_BEGIN = "Once upon a time, there was a little girl named Lily.";

  private final McpClient client;
  private final Consumer<String> out;
  private final Consumer<String> text;
  private final Histogram roundTrips = new Histogram(3);
  private final Histogram runtimes = new Histogram(3);
  private boolean right = true;

  /**
   * @param out prints a line
   * @param text prints a part of a line, at once
   */
  Demo(McpClient client, Consumer<String> out, Consumer<String> text) {
    this.client = client;
    this.out = out;
    this.text = text;
  }

  /** Runs all of it; returns whether everything was recognized. */
  boolean run() throws Exception {
    digits();
    files();
    speech();
    story();
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
    Map<String, String> state = Map.of("state.stateN", "state", "state-shape.state", "2,1,128");
    load("silero_vad", "hears where somebody speaks", state);
    SpeechStream stream = new SpeechStream(DemoData.speech());
    McpSequence sequence = await(client.sequence(SequenceRequest.of("silero_vad")));
    stream.run(inputs -> step(sequence, inputs).tensor("output"));
    await(sequence.end());
    out.accept("  speech at " + String.join(", ", stream.segments()));
    right &= stream.share() >= LEAST_SPEECH;
    out.accept(
        String.format(Locale.ROOT, "  %.0f %% of the time; %s", 100 * stream.share(), times()));
  }

  private InferenceResult step(McpSequence sequence, List<Tensor> inputs) {
    try {
      return timed(sequence.step(inputs, 0));
    } catch (TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  private void story() throws Exception {
    load("stories260k", "writes stories, a piece of a word at a time", STORIES);
    StoryText story = new StoryText(DemoData.vocabulary(), text);
    GenerationRequest request = GenerationRequest.of("stories260k", 1).maxTokens(STORY_TOKENS);
    long start = System.nanoTime();
    McpGeneration tokens = await(client.generate(request));
    tokens.handler(token -> story.append(token.id()));
    GenerationEnd end = await(tokens.result());
    double ms = (System.nanoTime() - start) / 1e6;
    story.end();
    right &= end.tokens() == STORY_TOKENS && story.text().startsWith(STORY_BEGIN);
    out.accept(
        String.format(
            Locale.ROOT,
            "  %d tokens, each sent as it was made, %.2f ms apart",
            end.tokens(),
            ms / Math.max(1, end.tokens())));
  }

  private void load(String name, String does) throws Exception {
    load(name, does, Map.of());
  }

  private void load(String name, String does, Map<String, String> parameters) throws Exception {
    byte[] content = DemoData.model(name);
    ModelUpload upload = ModelUpload.of(name, "1", content);
    parameters.forEach(upload::parameter);
    await(client.load(upload));
    roundTrips.reset();
    runtimes.reset();
    out.accept("");
    out.accept(String.format(Locale.ROOT, "%s, %,d KiB, %s", name, content.length / 1024, does));
  }

  private InferenceResult infer(String model, Tensor... inputs) throws TimeoutException {
    return timed(client.infer(model, inputs));
  }

  /** Of a request that has just been made. */
  private InferenceResult timed(Future<InferenceResult> answer) throws TimeoutException {
    long start = System.nanoTime();
    InferenceResult result = await(answer);
    roundTrips.recordValue(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start));
    result.runtimeMicros().ifPresent(runtimes::recordValue);
    return result;
  }

  private static <T> T await(Future<T> future) throws TimeoutException {
    return future.await(TIMEOUT_SECONDS, TimeUnit.SECONDS);
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

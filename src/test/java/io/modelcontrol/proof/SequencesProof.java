package io.modelcontrol.proof;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.GenerationRequest;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpGeneration;
import io.modelcontrol.client.McpSequence;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.client.SequenceRequest;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.testing.OnnxCase;
import io.modelcontrol.testing.TestNode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Models that remember, over a socket: a minute of speech step by step, and so many sequences at
 * once, equal what ONNX Runtime alone computes in this process; a story is exact eight times at
 * once; and a reader that pauses holds the count of tokens still.
 */
public final class SequencesProof implements Proof {
  private static final int DEFAULT_COUNT = 200;
  private static final int STEPS_EACH = 40;
  private static final int STORIES = 8;
  private static final int CONTEXT = 64;
  private static final int HOP = 512;
  private static final int WAV_HEADER = 44;

  @Override
  public String run(ProofArgs args) throws Exception {
    int count = args.countOr(DEFAULT_COUNT);
    float[] speech = speech();
    OnnxCase silero = OnnxCase.real("silero_vad");
    Path store = Files.createTempDirectory("sequences");
    ModelHostOptions host = new ModelHostOptions().setStore(store.toString());
    McpServerOptions server = new McpServerOptions().setMaxConcurrentStreams(count + STORIES);
    try (TestNode node = new TestNode(host, server);
        Reference reference = new Reference(silero.model())) {
      McpClient client = node.client();
      TestNode.await(
          client.load(
              ModelUpload.of("silero", "1", silero.model())
                  .parameter("state.stateN", "state")
                  .parameter("state-shape.state", "2,1,128")));
      int frames = speech.length / HOP;
      long start = System.nanoTime();
      check(reference.run(speech, 0, frames), TestNode.await(sequence(client, speech, 0, frames)));
      double speechSeconds = (System.nanoTime() - start) / 1e9;
      start = System.nanoTime();
      atOnce(client, reference, speech, count);
      double atOnceSeconds = (System.nanoTime() - start) / 1e9;
      String stories = stories(node, client);
      return String.format(
          Locale.ROOT,
          "%d steps of one sequence in %.1f s, %d sequences of %d steps at once in %.1f s, "
              + "0 differences; %s",
          frames,
          speechSeconds,
          count,
          STEPS_EACH,
          atOnceSeconds,
          stories);
    }
  }

  /** Each begins elsewhere in the speech, so that a state of another one would show. */
  private static void atOnce(McpClient client, Reference reference, float[] speech, int count)
      throws Exception {
    int last = speech.length / HOP - STEPS_EACH;
    List<Future<float[]>> running = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      running.add(sequence(client, speech, i * 7 % last, STEPS_EACH));
    }
    for (int i = 0; i < count; i++) {
      check(reference.run(speech, i * 7 % last, STEPS_EACH), TestNode.await(running.get(i)));
    }
  }

  private static Future<float[]> sequence(McpClient client, float[] speech, int from, int steps) {
    float[] probabilities = new float[steps];
    return client
        .sequence(SequenceRequest.of("silero"))
        .compose(
            sequence -> steps(sequence, speech, from, probabilities).compose(v -> sequence.end()))
        .map(v -> probabilities);
  }

  private static Future<Void> steps(
      McpSequence sequence, float[] speech, int from, float[] probabilities) {
    Promise<Void> done = Promise.promise();
    step(sequence, speech, from, probabilities, 0, done);
    return done.future();
  }

  /** Futures of futures, one for each step, would complete each other on one deep stack. */
  private static void step(
      McpSequence sequence,
      float[] speech,
      int from,
      float[] probabilities,
      int step,
      Promise<Void> done) {
    if (step == probabilities.length) {
      done.complete();
      return;
    }
    Tensor input = Tensor.of("input", frame(speech, from + step, step == 0), 1, CONTEXT + HOP);
    Tensor rate = Tensor.of("sr", new long[] {16_000}).reshaped();
    sequence
        .step(input, rate)
        .onFailure(done::fail)
        .onSuccess(
            result -> {
              probabilities[step] = result.first().toFloats()[0];
              step(sequence, speech, from, probabilities, step + 1, done);
            });
  }

  /** The end of the frame before, then the frame; silence before the first. */
  private static float[] frame(float[] speech, int index, boolean first) {
    float[] frame = new float[CONTEXT + HOP];
    if (!first) {
      System.arraycopy(speech, index * HOP - CONTEXT, frame, 0, CONTEXT);
    }
    System.arraycopy(speech, index * HOP, frame, CONTEXT, HOP);
    return frame;
  }

  private static void check(float[] expected, float[] actual) {
    for (int step = 0; step < expected.length; step++) {
      if (Float.compare(expected[step], actual[step]) != 0) {
        throw new AssertionError(
            "step " + step + ": " + expected[step] + " expected, came " + actual[step]);
      }
    }
  }

  private static String stories(TestNode node, McpClient client) throws Exception {
    OnnxCase stories = OnnxCase.real("stories260k_kvcache");
    TestNode.await(
        client.load(
            ModelUpload.of("stories", "1", stories.model())
                .parameter("state.present.*", "past.*")
                .parameter("state-shape.past.*", "1,4,0,8")
                .parameter("generate.tokens", "input_ids")
                .parameter("generate.positions", "position_ids")
                .parameter("generate.logits", "logits")));
    JsonArray all = new JsonArray(stories.text("expected_tokens.json"));
    List<Long> expected = new ArrayList<>();
    for (int i = 1; i < all.size(); i++) {
      expected.add(all.getLong(i));
    }
    AtomicLong made = countTokens(node);
    List<List<Long>> written = new ArrayList<>();
    List<McpGeneration> generations = new ArrayList<>();
    for (int i = 0; i < STORIES; i++) {
      List<Long> tokens = new CopyOnWriteArrayList<>();
      written.add(tokens);
      generations.add(
          TestNode.await(client.generate(request(expected)).onSuccess(g -> read(g, tokens))));
    }
    for (McpGeneration generation : generations) {
      TestNode.await(generation.result());
    }
    for (List<Long> tokens : written) {
      if (!tokens.equals(expected)) {
        throw new AssertionError("the story is another one: " + tokens);
      }
    }
    return STORIES + " stories exact; " + paused(client, made, expected);
  }

  private static GenerationRequest request(List<Long> expected) {
    return GenerationRequest.of("stories", 1).maxTokens(expected.size());
  }

  private static void read(McpGeneration generation, List<Long> tokens) {
    generation.handler(token -> tokens.add(token.id()));
  }

  private static String paused(McpClient client, AtomicLong made, List<Long> expected)
      throws Exception {
    long before = made.get();
    List<Long> tokens = new CopyOnWriteArrayList<>();
    McpGeneration generation =
        TestNode.await(
            client
                .generate(request(expected))
                .onSuccess(
                    started -> {
                      started.pause();
                      read(started, tokens);
                    }));
    Waiting.until(() -> made.get() > before, "the first token");
    TestNode.await(client.ping());
    long[] seen = {-1, 0};
    Waiting.until(
        () -> {
          seen[1] = made.get() == seen[0] ? seen[1] + 1 : 0;
          seen[0] = made.get();
          return seen[1] == 50;
        },
        "the count to stand still");
    long held = made.get() - before;
    if (held >= expected.size() || !tokens.isEmpty()) {
      throw new AssertionError("a paused reader did not stop the model: " + held + " tokens");
    }
    generation.resume();
    TestNode.await(generation.result());
    if (!tokens.equals(expected)) {
      throw new AssertionError("the story is another one after the pause: " + tokens);
    }
    return "a paused reader held it at " + held + " of " + expected.size() + " tokens";
  }

  /** Counts what leaves the workers, whoever reads it. */
  private static AtomicLong countTokens(TestNode node) {
    AtomicLong made = new AtomicLong();
    node.vertx()
        .eventBus()
        .addOutboundInterceptor(
            delivery -> {
              if (String.valueOf(delivery.message().address()).startsWith("mcp.callers.")
                  && !delivery.message().headers().contains("last")) {
                made.incrementAndGet();
              }
              delivery.next();
            });
    return made;
  }

  private static float[] speech() throws Exception {
    byte[] wav;
    String name = "/onnx-pack/models/silero_vad/speech_60s.wav";
    try (InputStream in = SequencesProof.class.getResourceAsStream(name)) {
      wav = in.readAllBytes();
    }
    ByteBuffer samples =
        ByteBuffer.wrap(wav, WAV_HEADER, wav.length - WAV_HEADER).order(ByteOrder.LITTLE_ENDIAN);
    float[] speech = new float[samples.remaining() / Short.BYTES];
    for (int i = 0; i < speech.length; i++) {
      speech[i] = samples.getShort() / 32_768f;
    }
    return speech;
  }

  /** The model without anything of this project. */
  private static final class Reference implements AutoCloseable {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;

    Reference(byte[] model) throws OrtException {
      try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
        options.setIntraOpNumThreads(1);
        session = environment.createSession(model, options);
      }
    }

    float[] run(float[] speech, int from, int steps) throws OrtException {
      float[] probabilities = new float[steps];
      float[] state = new float[2 * 128];
      for (int step = 0; step < steps; step++) {
        float[] frame = frame(speech, from + step, step == 0);
        try (OnnxTensor input =
                OnnxTensor.createTensor(
                    environment, FloatBuffer.wrap(frame), new long[] {1, CONTEXT + HOP});
            OnnxTensor before =
                OnnxTensor.createTensor(
                    environment, FloatBuffer.wrap(state), new long[] {2, 1, 128});
            OnnxTensor rate =
                OnnxTensor.createTensor(
                    environment, LongBuffer.wrap(new long[] {16_000}), new long[0]);
            OrtSession.Result result =
                session.run(Map.of("input", input, "state", before, "sr", rate))) {
          probabilities[step] = floats(result, "output")[0];
          state = floats(result, "stateN");
        }
      }
      return probabilities;
    }

    private static float[] floats(OrtSession.Result result, String name) {
      FloatBuffer values = ((OnnxTensor) result.get(name).orElseThrow()).getFloatBuffer();
      float[] copy = new float[values.remaining()];
      values.get(copy);
      return copy;
    }

    @Override
    public void close() throws OrtException {
      session.close();
    }
  }
}

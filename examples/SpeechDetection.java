package examples;

import io.modelcontrol.Tensor;
import io.modelcontrol.client.InferenceResult;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.client.McpSequence;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.client.SequenceRequest;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Consumer;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.UnsupportedAudioFileException;

/**
 * Hears where somebody speaks, while they speak: sends a sound chunk by chunk, as a microphone
 * would give it, to the model silero_vad, and tells each stretch of speech as soon as it has ended.
 * What the model has heard so far stays on the server, in a sequence.
 */
public final class SpeechDetection {
  /** Samples of a chunk: 32 ms. The model also wants the last ones of the chunk before. */
  private static final int CHUNK = 512;

  private static final int CONTEXT = 64;
  private static final int SAMPLES_PER_SECOND = 16_000;
  private static final int CHUNK_MS = 1000 * CHUNK / SAMPLES_PER_SECOND;
  private static final float SPEECH = 0.5f;

  /** A pause of this many chunks, a quarter of a second, ends a stretch of speech. */
  private static final int PAUSE_CHUNKS = 8;

  private final Vertx vertx;
  private final McpSequence sequence;
  private final float[] samples;
  private final long paceMs;
  private final Consumer<String> segments;
  private final float[] window = new float[CONTEXT + CHUNK];
  private final Promise<Void> done = Promise.promise();
  private int chunk;
  private int speechFrom = -1;
  private int lastSpeech;

  private SpeechDetection(
      Vertx vertx, McpSequence sequence, float[] samples, long paceMs, Consumer<String> segments) {
    this.vertx = vertx;
    this.sequence = sequence;
    this.samples = samples;
    this.paceMs = paceMs;
    this.segments = segments;
  }

  /**
   * Detects speech in a file in the pace of its sound: host, port, model and a WAV file of 16 kHz.
   */
  public static void main(String[] args) {
    Vertx vertx = Vertx.vertx();
    McpClientOptions options =
        new McpClientOptions().setHost(args[0]).setPort(Integer.parseInt(args[1]));
    McpClient client = McpClient.create(vertx, options);
    client
        .connect()
        .compose(v -> load(client, Path.of(args[2])))
        .compose(v -> run(vertx, client, Path.of(args[3]), CHUNK_MS, System.out::println))
        .onFailure(failure -> System.err.println(failure.getMessage()))
        .eventually(client::close)
        .eventually(vertx::close);
  }

  /** Loads the model, and says which of its outputs is an input of the next step. */
  public static Future<?> load(McpClient client, Path model) {
    return client.load(
        ModelUpload.of("silero_vad", "1", model)
            .parameter("state.stateN", "state")
            .parameter("state-shape.state", "2,1,128"));
  }

  /**
   * Detects speech.
   *
   * @param paceMs milliseconds from one chunk to the next; 0 is as fast as it goes
   * @param segments is told "0.5-2.1 s" for each stretch of speech, as it ends
   */
  public static Future<Void> run(
      Vertx vertx, McpClient client, Path wav, long paceMs, Consumer<String> segments) {
    return vertx
        .executeBlocking(() -> read(wav))
        .compose(
            samples ->
                client
                    .sequence(SequenceRequest.of("silero_vad").output("output").stepTimeoutMs(2000))
                    .compose(
                        sequence ->
                            new SpeechDetection(vertx, sequence, samples, paceMs, segments)
                                .start()));
  }

  private Future<Void> start() {
    sendNext();
    return done.future();
  }

  private void sendNext() {
    int at = chunk * CHUNK;
    if (at + CHUNK > samples.length) {
      endSegment();
      sequence.end().onComplete(done);
      return;
    }
    System.arraycopy(window, CHUNK, window, 0, CONTEXT);
    System.arraycopy(samples, at, window, CONTEXT, CHUNK);
    Tensor input = Tensor.of("input", window, 1, CONTEXT + CHUNK);
    Tensor rate = Tensor.of("sr", new long[] {SAMPLES_PER_SECOND}).reshaped();
    sequence
        .step(input, rate)
        .onSuccess(this::onProbability)
        .onFailure(failure -> done.tryFail(failure));
  }

  private void onProbability(InferenceResult result) {
    if (result.first().toFloats()[0] >= SPEECH) {
      speechFrom = speechFrom < 0 ? chunk : speechFrom;
      lastSpeech = chunk;
    } else if (chunk - lastSpeech > PAUSE_CHUNKS) {
      endSegment();
    }
    chunk++;
    if (paceMs > 0) {
      vertx.setTimer(paceMs, id -> sendNext());
    } else {
      sendNext();
    }
  }

  private void endSegment() {
    if (speechFrom >= 0) {
      segments.accept(
          String.format(Locale.ROOT, "%.1f-%.1f s", seconds(speechFrom), seconds(lastSpeech + 1)));
      speechFrom = -1;
    }
  }

  private static double seconds(int chunks) {
    return (double) chunks * CHUNK / SAMPLES_PER_SECOND;
  }

  /** The samples of a mono file of 16 bits and 16 kHz, from -1 to 1. */
  private static float[] read(Path wav) throws IOException, UnsupportedAudioFileException {
    try (AudioInputStream sound = AudioSystem.getAudioInputStream(wav.toFile())) {
      AudioFormat format = sound.getFormat();
      if (format.getSampleRate() != SAMPLES_PER_SECOND
          || format.getChannels() != 1
          || format.getSampleSizeInBits() != Short.SIZE
          || format.isBigEndian()) {
        throw new IOException("16 kHz mono of 16 bits was expected, came " + format);
      }
      ByteBuffer bytes = ByteBuffer.wrap(sound.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
      float[] samples = new float[bytes.remaining() / Short.BYTES];
      for (int i = 0; i < samples.length; i++) {
        samples[i] = bytes.getShort() / 32_768f;
      }
      return samples;
    }
  }
}

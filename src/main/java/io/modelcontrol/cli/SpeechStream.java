package io.modelcontrol.cli;

import io.modelcontrol.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * Speech detection over a sound, chunk by chunk, as silero_vad wants it: 512 new samples after the
 * last 64 of the chunk before. What the model remembers of them stays where it runs.
 */
final class SpeechStream {
  /** Samples of a chunk: 32 ms at 16 kHz. */
  static final int CHUNK = 512;

  private static final int CONTEXT = 64;
  private static final float THRESHOLD = 0.5f;

  private final WavFile sound;
  private final List<Float> probabilities = new ArrayList<>();

  SpeechStream(WavFile sound) {
    this.sound = sound;
  }

  /**
   * Runs over the whole sound.
   *
   * @param step takes the tensors input and sr; gives the probability of speech
   */
  void run(Function<List<Tensor>, Tensor> step) {
    float[] samples = sound.samples();
    float[] window = new float[CONTEXT + CHUNK];
    for (int at = 0; at + CHUNK <= samples.length; at += CHUNK) {
      System.arraycopy(window, CHUNK, window, 0, CONTEXT);
      System.arraycopy(samples, at, window, CONTEXT, CHUNK);
      Tensor input = Tensor.of("input", window, 1, CONTEXT + CHUNK);
      Tensor rate = Tensor.of("sr", new long[] {sound.sampleRate()}).reshaped();
      probabilities.add(step.apply(List.of(input, rate)).toFloats()[0]);
    }
  }

  /** The share of chunks that hold speech. */
  double share() {
    long speech = probabilities.stream().filter(p -> p >= THRESHOLD).count();
    return probabilities.isEmpty() ? 0 : (double) speech / probabilities.size();
  }

  /** Where speech begins and ends, in seconds: "0.5-2.1 s". */
  List<String> segments() {
    List<String> segments = new ArrayList<>();
    int start = -1;
    for (int i = 0; i <= probabilities.size(); i++) {
      boolean speech = i < probabilities.size() && probabilities.get(i) >= THRESHOLD;
      if (speech && start < 0) {
        start = i;
      } else if (!speech && start >= 0) {
        segments.add(String.format(Locale.ROOT, "%.1f-%.1f s", seconds(start), seconds(i)));
        start = -1;
      }
    }
    return segments;
  }

  private double seconds(int chunk) {
    return (double) chunk * CHUNK / sound.sampleRate();
  }
}

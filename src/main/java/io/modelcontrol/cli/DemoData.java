package io.modelcontrol.cli;

import io.modelcontrol.Tensor;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The models of the demo and real inputs for them, from the class path; see README.txt there. */
final class DemoData {
  /**
   * An input and what it is.
   *
   * @param label what somebody else says that it is
   * @param input what the model takes
   */
  record Sample(String label, Tensor input) {}

  private DemoData() {}

  /** The content of mnist_cntk, magika_v3_3, silero_vad or stories260k. */
  static byte[] model(String name) {
    return bytes(name + ".onnx");
  }

  /** Handwritten digits, FLOAT [1, 1, 28, 28], white on black, 0 to 255. */
  static List<Sample> digits() {
    return samples("Input3", "digits", 1, 1, 28, 28);
  }

  /** Files as magika takes them, INT32 [1, 2048]. */
  static List<Sample> files() {
    return samples("bytes", "files", 1, 2048);
  }

  /** The kinds of file that magika knows, by class. */
  static List<String> kinds() {
    return lines("kinds.txt");
  }

  /** Ten seconds of speech, 16 kHz. */
  static WavFile speech() {
    return WavFile.read(bytes("speech.wav"));
  }

  /** The texts of the tokens of stories260k. */
  static Vocabulary vocabulary() {
    return Vocabulary.parse(new String(bytes("stories260k.json"), StandardCharsets.UTF_8));
  }

  private static List<Sample> samples(String input, String name, long... shape) {
    Tensor all = NpyFile.read(input, bytes(name + ".npy"));
    List<String> labels = lines(name + ".txt");
    int size = all.byteLength() / labels.size();
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < labels.size(); i++) {
      ByteBuf slice = all.data().slice(all.data().readerIndex() + i * size, size);
      samples.add(new Sample(labels.get(i), Tensor.of(input, all.dataType(), shape, slice)));
    }
    return samples;
  }

  private static List<String> lines(String name) {
    return new String(bytes(name), StandardCharsets.UTF_8).lines().toList();
  }

  private static byte[] bytes(String name) {
    try (InputStream in = DemoData.class.getResourceAsStream("demo/" + name)) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks demo/" + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

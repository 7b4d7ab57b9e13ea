package io.modelcontrol.cli;

import io.modelcontrol.McpException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Sound from a WAV file: 16-bit PCM, one channel.
 *
 * @param sampleRate samples a second
 * @param samples from -1 (included) to 1 (excluded): the 16-bit value divided by 32768
 */
public record WavFile(int sampleRate, float[] samples) {
  private static final int RIFF = 0x4646_4952;
  private static final int WAVE = 0x4556_4157;
  private static final int FORMAT = 0x2074_6D66;
  private static final int DATA = 0x6174_6164;
  private static final int CHUNK_HEADER = 8;
  private static final int FORMAT_BYTES = 16;
  private static final int PCM = 1;
  private static final float FULL_SCALE = 32_768f;

  /**
   * Reads a whole file. Chunks other than the format and the sound are skipped; a sound that is cut
   * short, as by a recorder that was interrupted, is read as far as it goes.
   *
   * @throws McpException INVALID_ARGUMENT if it is no WAV file, or of another encoding
   */
  public static WavFile read(byte[] file) {
    ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    if (in.remaining() < 12 || in.getInt(0) != RIFF || in.getInt(8) != WAVE) {
      throw BadInput.of("this is no WAV file");
    }
    in.position(12);
    int sampleRate = 0;
    while (in.remaining() >= CHUNK_HEADER) {
      int id = in.getInt();
      long length = in.getInt() & 0xFFFF_FFFFL;
      int available = (int) Math.min(length, in.remaining());
      if (id == DATA) {
        return sound(sampleRate, in.slice(in.position(), available));
      }
      if (id == FORMAT) {
        sampleRate = sampleRate(in.slice(in.position(), available));
      }
      // Chunks begin at even offsets.
      in.position((int) Math.min(in.limit(), in.position() + length + (length & 1)));
    }
    throw BadInput.of("the WAV file has no sound in it");
  }

  private static int sampleRate(ByteBuffer format) {
    if (format.remaining() < FORMAT_BYTES) {
      throw BadInput.of(
          "the WAV file has a format of " + format.remaining() + " bytes, expected 16");
    }
    format.order(ByteOrder.LITTLE_ENDIAN);
    int encoding = format.getShort(0) & 0xFFFF;
    int channels = format.getShort(2) & 0xFFFF;
    int rate = format.getInt(4);
    int bits = format.getShort(14) & 0xFFFF;
    if (encoding != PCM || channels != 1 || bits != 16) {
      throw BadInput.of(
          "the WAV file has encoding "
              + encoding
              + ", "
              + channels
              + " channels of "
              + bits
              + " bits, expected PCM (1), 1 channel of 16 bits");
    }
    if (rate < 1) {
      throw BadInput.of("the WAV file has " + (rate & 0xFFFF_FFFFL) + " samples a second");
    }
    return rate;
  }

  private static WavFile sound(int sampleRate, ByteBuffer data) {
    if (sampleRate == 0) {
      throw BadInput.of("the WAV file has its sound before its format");
    }
    float[] samples = new float[data.remaining() / Short.BYTES];
    data.order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < samples.length; i++) {
      samples[i] = data.getShort() / FULL_SCALE;
    }
    return new WavFile(sampleRate, samples);
  }
}

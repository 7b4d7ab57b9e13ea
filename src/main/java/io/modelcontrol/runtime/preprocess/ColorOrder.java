package io.modelcontrol.runtime.preprocess;

/** What the channels of an image mean, in their order. */
enum ColorOrder {
  GRAY(1),
  RGB(3),
  BGR(3),
  RGBA(4);

  final int channels;

  ColorOrder(int channels) {
    this.channels = channels;
  }

  /** What a decoded image of so many channels holds, or {@code null} where it cannot be one. */
  static ColorOrder ofChannels(long channels) {
    if (channels == 1) {
      return GRAY;
    }
    if (channels == 3) {
      return RGB;
    }
    return channels == 4 ? RGBA : null;
  }

  /** Where red stands; blue stands at the other end of the first three. */
  int red() {
    return this == BGR ? 2 : 0;
  }

  int blue() {
    return this == BGR ? 0 : 2;
  }
}

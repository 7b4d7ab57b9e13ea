package io.modelcontrol.model;

import java.util.List;

/**
 * Other formats by the bytes they begin with. A loader that looks at these bytes before it decides
 * how to read a file must not be led to another reader than the one that was scanned for.
 */
final class ForeignFormat {
  private record Magic(String format, int offset, int... bytes) {
    boolean matches(ProtoReader reader) {
      for (int i = 0; i < bytes.length; i++) {
        if (reader.peek(offset + (long) i) != bytes[i]) {
          return false;
        }
      }
      return true;
    }
  }

  private static final List<Magic> MAGICS =
      List.of(
          new Magic("ONNX Runtime's flatbuffer", 4, 'O', 'R', 'T', 'M'),
          new Magic("TensorFlow Lite's flatbuffer", 4, 'T', 'F', 'L', '3'),
          new Magic("zip", 0, 'P', 'K', 3, 4),
          new Magic("empty zip", 0, 'P', 'K', 5, 6),
          new Magic("gzip", 0, 0x1F, 0x8B),
          new Magic("bzip2", 0, 'B', 'Z', 'h'),
          new Magic("xz", 0, 0xFD, '7', 'z', 'X', 'Z'),
          new Magic("zstd", 0, 0x28, 0xB5, 0x2F, 0xFD),
          new Magic("7z", 0, '7', 'z', 0xBC, 0xAF),
          new Magic("pickle", 0, 0x80, 2),
          new Magic("pickle", 0, 0x80, 3),
          new Magic("pickle", 0, 0x80, 4),
          new Magic("pickle", 0, 0x80, 5),
          new Magic("HDF5", 0, 0x89, 'H', 'D', 'F'),
          new Magic("GGUF", 0, 'G', 'G', 'U', 'F'),
          new Magic("ELF", 0, 0x7F, 'E', 'L', 'F'),
          new Magic("NumPy", 0, 0x93, 'N', 'U', 'M', 'P', 'Y'));

  private ForeignFormat() {}

  static void refuse(ProtoReader reader) {
    for (Magic magic : MAGICS) {
      if (magic.matches(reader)) {
        throw OnnxRejection.FORMAT.because("the content is " + magic.format + ", not ONNX");
      }
    }
  }
}

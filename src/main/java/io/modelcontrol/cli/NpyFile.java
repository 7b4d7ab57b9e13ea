package io.modelcontrol.cli;

import io.modelcontrol.DataType;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Tensors as NumPy's .npy files. Reads versions 1.0, 2.0 and 3.0, either byte order, C and Fortran
 * order; writes version 1.0, little-endian, C order.
 *
 * <p>Bool, all integers from 8 to 64 bits, float16 to float64 and complex have their own type on
 * both sides. Strings ({@code U}, and {@code S}, whose bytes are read as UTF-8) become STRING;
 * their trailing zeros are padding, as NumPy has it. Objects, dates and records are refused.
 */
public final class NpyFile {
  static final int MAGIC_BYTES = 6;

  /** Bytes before the header of a version 1.0 file: magic, version, header length. */
  static final int PREAMBLE = 10;

  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final Charset UTF_32LE = Charset.forName("UTF-32LE");

  private static final Map<String, DataType> TYPES =
      Map.ofEntries(
          Map.entry("f2", DataType.FLOAT16),
          Map.entry("f4", DataType.FLOAT),
          Map.entry("f8", DataType.DOUBLE),
          Map.entry("i1", DataType.INT8),
          Map.entry("i2", DataType.INT16),
          Map.entry("i4", DataType.INT32),
          Map.entry("i8", DataType.INT64),
          Map.entry("u1", DataType.UINT8),
          Map.entry("u2", DataType.UINT16),
          Map.entry("u4", DataType.UINT32),
          Map.entry("u8", DataType.UINT64),
          Map.entry("b1", DataType.BOOL),
          Map.entry("c8", DataType.COMPLEX64),
          Map.entry("c16", DataType.COMPLEX128));

  private NpyFile() {}

  static byte[] magic() {
    return MAGIC.clone();
  }

  /** Whether a file begins as a .npy file does. */
  public static boolean recognizes(byte[] file) {
    return file.length >= MAGIC_BYTES && Arrays.equals(file, 0, MAGIC_BYTES, MAGIC, 0, MAGIC_BYTES);
  }

  /**
   * Reads a whole file.
   *
   * @param name the tensor's
   * @throws McpException INVALID_ARGUMENT if it is no .npy file or holds what no tensor can;
   *     INVALID_TENSOR if its shape cannot be counted
   */
  public static Tensor read(String name, byte[] file) {
    if (!recognizes(file)) {
      throw BadInput.of("this is no .npy file: its first bytes are not \\x93NUMPY");
    }
    ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).position(MAGIC_BYTES);
    NpyHeader header = readHeader(in);
    return readData(name, header, in);
  }

  private static NpyHeader readHeader(ByteBuffer in) {
    int major = in.remaining() < 2 ? 0 : in.getShort() & 0xFF;
    if (major < 1 || major > 3) {
      throw BadInput.of("the .npy file has version " + major + ", expected 1, 2 or 3");
    }
    int lengthBytes = major == 1 ? Short.BYTES : Integer.BYTES;
    if (in.remaining() < lengthBytes) {
      throw BadInput.of("the .npy file ends within its header");
    }
    long length = major == 1 ? in.getShort() & 0xFFFF : in.getInt() & 0xFFFF_FFFFL;
    if (length > NpyHeader.MAX_BYTES || length > in.remaining()) {
      throw BadInput.of(
          "the .npy header claims "
              + length
              + " bytes, the file has "
              + in.remaining()
              + " left, the limit is "
              + NpyHeader.MAX_BYTES);
    }
    byte[] text = new byte[(int) length];
    in.get(text);
    Charset charset = major == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
    return NpyHeader.parse(new String(text, charset));
  }

  private static Tensor readData(String name, NpyHeader header, ByteBuffer in) {
    String descr = header.descr();
    char order = descr.isEmpty() ? '?' : descr.charAt(0);
    if ("<>|=".indexOf(order) < 0) {
      throw unsupported(descr);
    }
    String kind = descr.substring(1);
    DataType type = TYPES.get(kind);
    int size = type == null ? stringSize(descr) : type.bits() / 8;
    byte[] data = elements(name, header, size, in);
    if (order == '>') {
      swap(data, swapUnit(kind, size));
    }
    if (header.fortran()) {
      data = toRowMajor(data, header.shape(), size);
    }
    if (type == null) {
      return strings(name, kind.charAt(0), size, data, header.shape());
    }
    checkBools(type, data);
    return Tensor.of(name, type, ByteBuffer.wrap(data), header.shape());
  }

  private static McpException unsupported(String descr) {
    return BadInput.of(
        "the .npy file has elements of kind '"
            + descr
            + "', expected bool, integer, float, complex or string");
  }

  private static int stringSize(String descr) {
    boolean wide = descr.startsWith("U", 1);
    if (!wide && !descr.startsWith("S", 1)) {
      throw unsupported(descr);
    }
    try {
      int size = Math.multiplyExact(Integer.parseInt(descr.substring(2)), wide ? 4 : 1);
      if (size > 0) {
        return size;
      }
    } catch (ArithmeticException | NumberFormatException e) {
      throw unsupported(descr);
    }
    throw unsupported(descr);
  }

  private static byte[] elements(String name, NpyHeader header, int size, ByteBuffer in) {
    long elements = Tensor.elements(name, header.shape());
    if (elements > in.remaining() || elements * size != in.remaining()) {
      throw BadInput.of(
          "the .npy file has "
              + in.remaining()
              + " bytes of data, "
              + header.descr()
              + Arrays.toString(header.shape())
              + " needs "
              + elements
              + " times "
              + size);
    }
    byte[] data = new byte[in.remaining()];
    in.get(data);
    return data;
  }

  /**
   * A complex number is two numbers, and a wide string many code points, each swapped by itself.
   */
  private static int swapUnit(String kind, int size) {
    return switch (kind.charAt(0)) {
      case 'c' -> size / 2;
      case 'U' -> 4;
      case 'S' -> 1;
      default -> size;
    };
  }

  private static void swap(byte[] data, int unit) {
    for (int start = 0; start < data.length; start += unit) {
      for (int i = 0; i < unit / 2; i++) {
        byte low = data[start + i];
        data[start + i] = data[start + unit - 1 - i];
        data[start + unit - 1 - i] = low;
      }
    }
  }

  private static byte[] toRowMajor(byte[] data, long[] shape, int size) {
    byte[] out = new byte[data.length];
    int[] index = new int[shape.length];
    for (int at = 0; at < data.length; at += size) {
      int source = 0;
      for (int i = shape.length - 1; i >= 0; i--) {
        source = source * (int) shape[i] + index[i];
      }
      System.arraycopy(data, source * size, out, at, size);
      for (int i = shape.length - 1; i >= 0 && ++index[i] == shape[i]; i--) {
        index[i] = 0;
      }
    }
    return out;
  }

  private static Tensor strings(String name, char kind, int size, byte[] data, long[] shape) {
    Charset charset = kind == 'U' ? UTF_32LE : StandardCharsets.UTF_8;
    int unit = kind == 'U' ? 4 : 1;
    String[] values = new String[data.length / size];
    for (int i = 0; i < values.length; i++) {
      int end = (i + 1) * size;
      while (end > i * size && isZero(data, end - unit, unit)) {
        end -= unit;
      }
      values[i] = decode(charset, data, i * size, end);
    }
    return Tensor.of(name, values).reshaped(shape);
  }

  private static boolean isZero(byte[] data, int from, int length) {
    for (int i = from; i < from + length; i++) {
      if (data[i] != 0) {
        return false;
      }
    }
    return true;
  }

  private static String decode(Charset charset, byte[] data, int from, int to) {
    try {
      return charset.newDecoder().decode(ByteBuffer.wrap(data, from, to - from)).toString();
    } catch (CharacterCodingException e) {
      throw BadInput.of("the .npy file has a string that is not valid " + charset.name(), e);
    }
  }

  private static void checkBools(DataType type, byte[] data) {
    if (type != DataType.BOOL) {
      return;
    }
    for (byte value : data) {
      if (value != 0 && value != 1) {
        throw BadInput.of("the .npy file has a bool of value " + (value & 0xFF));
      }
    }
  }

  /**
   * A whole file with this tensor.
   *
   * @throws McpException INVALID_ARGUMENT if NumPy has no such element type
   */
  public static byte[] write(Tensor tensor) {
    if (tensor.dataType() == DataType.STRING) {
      return writeStrings(tensor);
    }
    for (Map.Entry<String, DataType> entry : TYPES.entrySet()) {
      if (entry.getValue() == tensor.dataType()) {
        String order = entry.getValue().bits() == 8 ? "|" : "<";
        return join(order + entry.getKey(), tensor.shape(), tensor.toByteArray());
      }
    }
    throw BadInput.of("a .npy file cannot hold elements of type " + tensor.dataType());
  }

  private static byte[] writeStrings(Tensor tensor) {
    List<String> values = tensor.toStrings();
    int width = 1;
    for (String value : values) {
      width = Math.max(width, value.codePointCount(0, value.length()));
    }
    byte[] data = new byte[Math.multiplyExact(values.size(), Math.multiplyExact(width, 4))];
    for (int i = 0; i < values.size(); i++) {
      byte[] bytes = values.get(i).getBytes(UTF_32LE);
      System.arraycopy(bytes, 0, data, i * width * 4, bytes.length);
    }
    return join("<U" + width, tensor.shape(), data);
  }

  private static byte[] join(String descr, long[] shape, byte[] data) {
    byte[] header = new NpyHeader(descr, false, shape).toBytes();
    byte[] file = Arrays.copyOf(header, Math.addExact(header.length, data.length));
    System.arraycopy(data, 0, file, header.length, data.length);
    return file;
  }
}

package io.modelcontrol.cli;

import io.modelcontrol.DataType;
import io.modelcontrol.Float16;
import io.modelcontrol.Tensor;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Iterator;

/** The elements of a tensor as JSON values, one after the other. */
final class ElementReader {
  private final DataType type;
  private final ByteBuffer bytes;
  private final Iterator<String> strings;
  private int packed;
  private int packedBits;

  ElementReader(Tensor tensor) {
    type = tensor.dataType();
    bytes = tensor.bytes();
    strings = type == DataType.STRING ? tensor.toStrings().iterator() : null;
  }

  /** Whether JSON has a value for elements of this type. */
  static boolean canRead(DataType type) {
    return switch (type) {
      case COMPLEX64,
          COMPLEX128,
          FLOAT8E4M3FN,
          FLOAT8E4M3FNUZ,
          FLOAT8E5M2,
          FLOAT8E5M2FNUZ,
          FLOAT8E8M0,
          FLOAT4E2M1 ->
          false;
      default -> true;
    };
  }

  Object next() {
    return switch (type) {
      case STRING -> strings.next();
      case BOOL -> bytes.get() != 0;
      case FLOAT -> finite(bytes.getFloat());
      case DOUBLE -> finite(bytes.getDouble());
      case FLOAT16 -> finite(Float16.toFloat(bytes.getShort()));
      case BFLOAT16 -> finite(Float16.fromBfloat16Bits(bytes.getShort()));
      case INT8 -> (int) bytes.get();
      case UINT8 -> bytes.get() & 0xFF;
      case INT16 -> (int) bytes.getShort();
      case UINT16 -> bytes.getShort() & 0xFFFF;
      case INT32 -> bytes.getInt();
      case UINT32 -> bytes.getInt() & 0xFFFF_FFFFL;
      case INT64 -> bytes.getLong();
      case UINT64 -> new BigInteger(Long.toUnsignedString(bytes.getLong()));
      case INT4, INT2 -> unpackSigned();
      case UINT4, UINT2 -> unpack();
      default -> throw ElementWriter.unsupported(type);
    };
  }

  /** JSON has no number for infinities and NaN: their names as strings, which are read back. */
  private static Object finite(float value) {
    return Float.isFinite(value) ? (Object) value : Float.toString(value);
  }

  private static Object finite(double value) {
    return Double.isFinite(value) ? (Object) value : Double.toString(value);
  }

  private int unpackSigned() {
    int shift = Integer.SIZE - type.bits();
    return unpack() << shift >> shift;
  }

  private int unpack() {
    if (packedBits == 0) {
      packed = bytes.get() & 0xFF;
      packedBits = 8;
    }
    int value = packed & (1 << type.bits()) - 1;
    packed >>>= type.bits();
    packedBits -= type.bits();
    return value;
  }
}

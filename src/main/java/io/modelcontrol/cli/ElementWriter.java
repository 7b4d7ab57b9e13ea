package io.modelcontrol.cli;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.Float16;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** Builds a tensor's data from JSON values; what the element type cannot hold is refused. */
final class ElementWriter {
  private final DataType type;
  private final ByteBuf out = Unpooled.buffer();
  private final List<String> strings = new ArrayList<>();
  private int packed;
  private int packedBits;

  ElementWriter(DataType type) {
    this.type = type;
  }

  void add(Object value) {
    switch (type) {
      case STRING -> strings.add(string(value));
      case BOOL -> out.writeByte(bool(value) ? 1 : 0);
      case DOUBLE -> out.writeDoubleLE(number(value));
      case FLOAT -> out.writeFloatLE(single(value));
      case FLOAT16 -> out.writeShortLE(float16(value));
      case BFLOAT16 -> out.writeShortLE(bfloat16(value));
      case INT8, INT16, INT32, INT64 -> write(integer(value, true));
      case UINT8, UINT16, UINT32, UINT64 -> write(integer(value, false));
      case INT4, INT2 -> pack((int) integer(value, true));
      case UINT4, UINT2 -> pack((int) integer(value, false));
      default -> throw unsupported(type);
    }
  }

  static McpException unsupported(DataType type) {
    return McpException.streamError(
        ErrorCode.UNSUPPORTED_DTYPE,
        "elements of type " + type + " cannot be written as JSON values");
  }

  Tensor toTensor(String name, long[] shape) {
    if (type == DataType.STRING) {
      return Tensor.of(name, strings.toArray(new String[0])).reshaped(shape);
    }
    if (packedBits > 0) {
      out.writeByte(packed);
    }
    return Tensor.of(name, type, shape, out);
  }

  private McpException wrong(Object value, String expected) {
    return BadInput.of("expected " + expected + " for " + type + ", got " + shown(value));
  }

  private static String shown(Object value) {
    String text = value instanceof String ? "\"" + value + "\"" : String.valueOf(value);
    return text.length() <= 40 ? text : text.substring(0, 40) + "...";
  }

  private String string(Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw wrong(value, "a string");
  }

  private boolean bool(Object value) {
    if (value instanceof Boolean truth) {
      return truth;
    }
    throw wrong(value, "true or false");
  }

  /** A number, or the name of one that JSON cannot write. */
  private double number(Object value) {
    if (value instanceof Number number) {
      double result = number.doubleValue();
      if (Double.isInfinite(result)) {
        throw wrong(value, "a smaller number");
      }
      return result;
    }
    if (value instanceof String name) {
      return switch (name) {
        case "NaN" -> Double.NaN;
        case "Infinity" -> Double.POSITIVE_INFINITY;
        case "-Infinity" -> Double.NEGATIVE_INFINITY;
        default -> throw wrong(value, "a number");
      };
    }
    throw wrong(value, "a number");
  }

  /** Rounding to the nearest is what a float is; becoming infinite is not. */
  private void checkFinite(Object value, double given, float rounded) {
    if (Float.isInfinite(rounded) && !Double.isInfinite(given)) {
      throw wrong(value, "a smaller number");
    }
  }

  private float single(Object value) {
    double given = number(value);
    checkFinite(value, given, (float) given);
    return (float) given;
  }

  private short float16(Object value) {
    double given = number(value);
    short bits = Float16.toBits((float) given);
    checkFinite(value, given, Float16.toFloat(bits));
    return bits;
  }

  private short bfloat16(Object value) {
    double given = number(value);
    short bits = Float16.toBfloat16Bits((float) given);
    checkFinite(value, given, Float16.fromBfloat16Bits(bits));
    return bits;
  }

  private long integer(Object value, boolean signed) {
    BigInteger integer;
    if (value instanceof BigInteger big) {
      integer = big;
    } else if (value instanceof Integer || value instanceof Long) {
      integer = BigInteger.valueOf(((Number) value).longValue());
    } else {
      throw wrong(value, "a whole number");
    }
    int bits = type.bits();
    boolean fits =
        signed ? integer.bitLength() < bits : integer.signum() >= 0 && integer.bitLength() <= bits;
    if (!fits) {
      BigInteger lowest = signed ? BigInteger.TWO.pow(bits - 1).negate() : BigInteger.ZERO;
      BigInteger highest = BigInteger.TWO.pow(signed ? bits - 1 : bits).subtract(BigInteger.ONE);
      throw wrong(value, lowest + " to " + highest);
    }
    return integer.longValue();
  }

  private void write(long value) {
    switch (type.bits()) {
      case 8 -> out.writeByte((int) value);
      case 16 -> out.writeShortLE((int) value);
      case 32 -> out.writeIntLE((int) value);
      default -> out.writeLongLE(value);
    }
  }

  /** Elements below a byte lie in it low bits first. */
  private void pack(int value) {
    int bits = type.bits();
    packed |= (value & (1 << bits) - 1) << packedBits;
    packedBits += bits;
    if (packedBits == 8) {
      out.writeByte(packed);
      packed = 0;
      packedBits = 0;
    }
  }
}

package io.modelcontrol;

/**
 * The 16-bit floating point formats, FLOAT16 (IEEE 754 binary16) and BFLOAT16, to and from float.
 * Conversions to 16 bits round to the nearest value, ties to even; what is too large becomes
 * infinite.
 */
public final class Float16 {
  /** The largest finite FLOAT16. */
  public static final float MAX_VALUE = 65504f;

  private static final int FLOAT_SIGN = 0x8000_0000;
  private static final int FLOAT_INFINITY = 0x7F80_0000;

  /**
   * The first float that rounds to a FLOAT16 infinity: half a step above the largest finite one.
   */
  private static final int OVERFLOW = Float.floatToRawIntBits(65520f);

  /** The smallest float that is a normal FLOAT16: 2^-14. */
  private static final int SMALLEST_NORMAL = Float.floatToRawIntBits(0x1p-14f);

  private Float16() {}

  /** The FLOAT16 bits nearest to a value. */
  public static short toBits(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits & FLOAT_SIGN) >>> 16;
    int magnitude = bits & ~FLOAT_SIGN;
    if (magnitude > FLOAT_INFINITY) {
      return (short) (sign | 0x7E00 | magnitude >>> 13 & 0x03FF);
    }
    if (magnitude >= OVERFLOW) {
      return (short) (sign | 0x7C00);
    }
    if (magnitude < SMALLEST_NORMAL) {
      // Subnormals are multiples of 2^-24, and scaling by a power of two is exact.
      float scaled = Float.intBitsToFloat(magnitude) * 0x1p24f;
      return (short) (sign | (int) Math.rint(scaled));
    }
    int rebased = magnitude - (112 << 23);
    return (short) (sign | rebased + 0x0FFF + (rebased >>> 13 & 1) >>> 13);
  }

  /** The value of FLOAT16 bits, exactly. */
  public static float toFloat(short bits) {
    int sign = (bits & 0x8000) << 16;
    int exponent = bits >>> 10 & 0x1F;
    int fraction = bits & 0x03FF;
    if (exponent == 0) {
      return Float.intBitsToFloat(Float.floatToRawIntBits(fraction * 0x1p-24f) | sign);
    }
    int rebased = exponent == 0x1F ? FLOAT_INFINITY : exponent + 112 << 23;
    return Float.intBitsToFloat(sign | rebased | fraction << 13);
  }

  /** The BFLOAT16 bits nearest to a value. */
  public static short toBfloat16Bits(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> 16 | 0x0040);
    }
    return (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
  }

  /** The value of BFLOAT16 bits, exactly. */
  public static float fromBfloat16Bits(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }
}

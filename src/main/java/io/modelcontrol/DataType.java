package io.modelcontrol;

/** Element types of a tensor; the codes are those of ONNX TensorProto.DataType. Contract 3. */
public enum DataType {
  FLOAT(1, 32),
  UINT8(2, 8),
  INT8(3, 8),
  UINT16(4, 16),
  INT16(5, 16),
  INT32(6, 32),
  INT64(7, 64),
  /** Elements of variable size: varint length, then UTF-8. */
  STRING(8, 0),
  /** One byte, 0 or 1. */
  BOOL(9, 8),
  FLOAT16(10, 16),
  DOUBLE(11, 64),
  UINT32(12, 32),
  UINT64(13, 64),
  COMPLEX64(14, 64),
  COMPLEX128(15, 128),
  BFLOAT16(16, 16),
  FLOAT8E4M3FN(17, 8),
  FLOAT8E4M3FNUZ(18, 8),
  FLOAT8E5M2(19, 8),
  FLOAT8E5M2FNUZ(20, 8),
  /** Two elements a byte, low nibble first. */
  UINT4(21, 4),
  /** Two elements a byte, low nibble first. */
  INT4(22, 4),
  /** Two elements a byte, low nibble first. */
  FLOAT4E2M1(23, 4),
  FLOAT8E8M0(24, 8),
  /** Four elements a byte, low bits first. */
  UINT2(25, 2),
  /** Four elements a byte, low bits first. */
  INT2(26, 2);

  private static final DataType[] BY_CODE = new DataType[32];

  static {
    for (DataType type : values()) {
      BY_CODE[type.code] = type;
    }
  }

  private final int code;
  private final int bits;

  DataType(int code, int bits) {
    this.code = code;
    this.bits = bits;
  }

  /** The wire value. */
  public int code() {
    return code;
  }

  /** Bits of one element; 0 for {@link #STRING}, whose elements differ in size. */
  public int bits() {
    return bits;
  }

  public boolean isFixedSize() {
    return bits != 0;
  }

  /**
   * Bytes that so many elements take, packed densely.
   *
   * @throws ArithmeticException if the number of bits exceeds a long
   * @throws IllegalStateException for {@link #STRING}
   */
  public long byteLength(long elements) {
    if (bits == 0) {
      throw new IllegalStateException("STRING elements have no fixed size");
    }
    return bits >= 8
        ? Math.multiplyExact(elements, bits >>> 3)
        : Math.addExact(Math.multiplyExact(elements, bits), 7) >>> 3;
  }

  /** The type of a wire value, or {@code null} where this version knows none. */
  public static DataType of(int code) {
    return code > 0 && code < BY_CODE.length ? BY_CODE[code] : null;
  }
}

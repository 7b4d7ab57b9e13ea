package io.modelcontrol.conformance;

import static io.modelcontrol.ErrorCode.INVALID_ARGUMENT;
import static io.modelcontrol.ErrorCode.INVALID_TENSOR;
import static io.modelcontrol.ErrorCode.MALFORMED_MESSAGE;
import static io.modelcontrol.ErrorCode.MODEL_NOT_FOUND;
import static io.modelcontrol.ErrorCode.UNSUPPORTED_DTYPE;

import io.modelcontrol.wire.Tag;
import java.util.Arrays;
import java.util.List;

/** Tensors: type, rank, dimensions, name and data. */
final class TensorCases {
  /** Bits of an element by code; 0 where it has no fixed size. */
  private static final int[] BITS = {
    0, 32, 8, 8, 16, 16, 32, 64, 0, 8, 16, 64, 32, 64, 64, 128, 16, 8, 8, 8, 8, 4, 4, 4, 8, 2, 2
  };

  private static final int UINT8 = 2;
  private static final int STRING = 8;
  private static final int BOOL = 9;

  private final CaseGroup group = new CaseGroup("tensor").section("Tensors");

  private TensorCases() {}

  static List<ConformanceCase> all() {
    TensorCases cases = new TensorCases();
    cases.types();
    cases.shapes();
    cases.heads();
    cases.strings();
    return cases.group.cases();
  }

  private CaseGroup.Draft given(String sentence, byte[]... tensors) {
    return group.given(State.READY, sentence, Bytes.request(1, Bytes.inference(tensors)));
  }

  private void taken(String sentence, byte[]... tensors) {
    given(sentence, tensors).status(1, MODEL_NOT_FOUND);
  }

  private void invalid(String sentence, byte[] tensor) {
    given(sentence, tensor).reset(1, INVALID_TENSOR);
  }

  private static byte[] tensor(int type, int bytes, long... shape) {
    return Bytes.tensor(type, shape, "x", new byte[bytes]);
  }

  private static int bytesOf(int type, int elements) {
    return (BITS[type] * elements + 7) / 8;
  }

  private void types() {
    byte[] all = new byte[0];
    for (int type = 1; type < BITS.length; type++) {
      if (BITS[type] > 0) {
        invalid(
            "refuses type " + type + " with a byte less", tensor(type, bytesOf(type, 5) - 1, 5));
        invalid(
            "refuses type " + type + " with a byte more", tensor(type, bytesOf(type, 5) + 1, 5));
        byte[] one = Bytes.tensor(type, new long[] {5}, "n" + type, new byte[bytesOf(type, 5)]);
        all = Bytes.join(all, one);
      }
    }
    taken("takes a tensor of each type", all);
    for (int type : new int[] {0, 27, 255}) {
      given("refuses the unknown type " + type, tensor(type, 1, 1)).reset(1, UNSUPPORTED_DTYPE);
    }
    invalid("refuses a BOOL of 2", Bytes.tensor(BOOL, new long[] {3}, "x", Bytes.bytes(0, 1, 2)));
    byte[] bools = new byte[17];
    Arrays.fill(bools, (byte) 1);
    taken("takes BOOLs of 0 and 1", Bytes.tensor(BOOL, new long[] {17}, "x", bools));
    bools[3] = (byte) 0xFF;
    invalid("refuses a BOOL of 255", Bytes.tensor(BOOL, new long[] {17}, "x", bools));
  }

  private void shapes() {
    taken("takes a scalar", tensor(UINT8, 1));
    taken("takes an empty tensor", tensor(UINT8, 0, 3, 0));
    invalid("refuses data in an empty tensor", tensor(UINT8, 1, 0));
    long[] ones = new long[64];
    Arrays.fill(ones, 1);
    taken("takes rank 64", tensor(UINT8, 1, ones));
    long[] more = new long[65];
    Arrays.fill(more, 1);
    invalid("refuses rank 65", tensor(UINT8, 1, more));
    invalid("refuses a product of 2^64", tensor(UINT8, 0, 1L << 32, 1L << 32));
    invalid("refuses a product of 2^63", tensor(UINT8, 0, 1L << 62, 2));
    invalid("refuses dimensions whose product wraps", tensor(UINT8, 1, 1L << 33, 1L << 31, 5));
    invalid("refuses bytes beyond 63 bits", tensor(7, 0, 1L << 61));
    invalid("refuses a shape of 2^40 without data", tensor(UINT8, 0, 1L << 40));
    invalid("refuses another shape than the data has", tensor(UINT8, 5, 2, 3));
    taken("takes several tensors", tensor(UINT8, 2, 2), tensor(1, 4, 1));
  }

  private static byte[] raw(int... value) {
    return Bytes.field(Tag.TENSOR, Bytes.bytes(value));
  }

  private void heads() {
    head("refuses a tensor without a value", Bytes.field(Tag.TENSOR));
    head("refuses a tensor of one byte", raw(UINT8));
    head("refuses a tensor without its dimensions", raw(UINT8, 2, 1));
    head("refuses a dimension that is cut off", raw(UINT8, 1, 0x80));
    head("refuses a tensor without a name's length", raw(UINT8, 1, 1));
    head("refuses a name past the end", raw(UINT8, 0, 9, 'x', 1));
    given("refuses a name of broken UTF-8", raw(UINT8, 0, 1, 0xFF, 1)).reset(1, INVALID_ARGUMENT);
    given("refuses a name with a line break", raw(UINT8, 0, 1, '\n', 1)).reset(1, INVALID_ARGUMENT);
    taken("takes an empty name", raw(UINT8, 0, 0, 1));
    taken("takes dimensions of more bytes than needed", raw(UINT8, 1, 0x81, 0x00, 1, 'x', 7));
    given(
            "refuses a name of 1025 bytes",
            Bytes.tensor(UINT8, new long[] {1}, "n".repeat(1025), new byte[1]))
        .reset(1, INVALID_ARGUMENT);
  }

  private void head(String sentence, byte[] tensor) {
    given(sentence, tensor, Bytes.field(0x7F, new byte[32]))
        .reset(1, MALFORMED_MESSAGE, INVALID_TENSOR);
  }

  private void strings() {
    taken("takes strings", raw(STRING, 1, 2, 1, 's', 1, 'a', 2, 0xC3, 0xBC));
    taken("takes an empty string", raw(STRING, 1, 1, 1, 's', 0));
    invalid("refuses a string past the end", raw(STRING, 1, 1, 1, 's', 9, 'a'));
    invalid("refuses fewer strings than the shape", raw(STRING, 1, 2, 1, 's', 1, 'a'));
    invalid("refuses more strings than the shape", raw(STRING, 1, 1, 1, 's', 1, 'a', 1, 'b'));
    given("refuses a string of broken UTF-8", raw(STRING, 1, 1, 1, 's', 1, 0xFF))
        .reset(1, INVALID_TENSOR, INVALID_ARGUMENT);
  }
}

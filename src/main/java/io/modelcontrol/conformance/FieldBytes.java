package io.modelcontrol.conformance;

import io.modelcontrol.wire.Tag;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The TLV fields, or the top-level protobuf fields, that a server has sent. */
final class FieldBytes {
  private final Map<Integer, List<byte[]>> fields = new TreeMap<>();

  private FieldBytes() {}

  static FieldBytes parse(byte[] bytes, int from) {
    FieldBytes result = new FieldBytes();
    int index = from;
    while (index < bytes.length) {
      int tag = bytes[index++] & 0xFF;
      int length = (int) varint(bytes, index);
      index += varintLength(bytes, index);
      CaseFailure.check(
          length >= 0 && index + length <= bytes.length, "the server sent a malformed field");
      result.add(tag, Arrays.copyOfRange(bytes, index, index + length));
      index += length;
    }
    return result;
  }

  /** Protobuf: numbers are kept as varints. */
  static FieldBytes parseProto(byte[] bytes) {
    FieldBytes result = new FieldBytes();
    int index = 0;
    while (index < bytes.length) {
      int tag = (int) varint(bytes, index);
      index += varintLength(bytes, index);
      int length;
      if ((tag & 7) == 2) {
        length = (int) varint(bytes, index);
        index += varintLength(bytes, index);
      } else {
        CaseFailure.check((tag & 7) == 0, "the server sent protobuf of another wire type");
        length = varintLength(bytes, index);
      }
      CaseFailure.check(
          length >= 0 && index + length <= bytes.length, "the server sent malformed protobuf");
      result.add(tag >>> 3, Arrays.copyOfRange(bytes, index, index + length));
      index += length;
    }
    return result;
  }

  private void add(int tag, byte[] value) {
    fields.computeIfAbsent(tag, key -> new ArrayList<>()).add(value);
  }

  boolean has(Tag tag) {
    return fields.containsKey(tag.code());
  }

  List<byte[]> all(int tag) {
    return fields.getOrDefault(tag, List.of());
  }

  byte[] first(int tag) {
    return fields.containsKey(tag) ? fields.get(tag).get(0) : new byte[0];
  }

  /** 0 where the field is absent. */
  long number(int tag) {
    byte[] value = first(tag);
    return value.length == 0 ? 0 : varint(value, 0);
  }

  long number(Tag tag) {
    return number(tag.code());
  }

  String text(Tag tag) {
    return new String(first(tag.code()), StandardCharsets.UTF_8);
  }

  static long varint(byte[] bytes, int from) {
    long value = 0;
    int length = varintLength(bytes, from);
    for (int i = length - 1; i >= 0; i--) {
      value = value << 7 | (bytes[from + i] & 0x7F);
    }
    return value;
  }

  static int varintLength(byte[] bytes, int from) {
    for (int i = from; i < bytes.length && i < from + 10; i++) {
      if (bytes[i] >= 0) {
        return i - from + 1;
      }
    }
    throw CaseFailure.failed("the server sent a malformed varint");
  }
}

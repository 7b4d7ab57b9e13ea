package io.modelcontrol.conformance;

import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameType;
import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.Tag;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/** Frames and messages as bytes, right and wrong ones. Contract 1 and 3. */
final class Bytes {
  static final int END_MESSAGE = FrameHeader.END_MESSAGE;
  static final int END_STREAM = FrameHeader.END_STREAM;
  static final int END = END_MESSAGE | END_STREAM;

  private Bytes() {}

  static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  static byte[] repeat(int times, byte[] part) {
    ByteArrayOutputStream all = new ByteArrayOutputStream(times * part.length);
    for (int i = 0; i < times; i++) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  static byte[] varint(long value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      out.write((int) rest & 0x7F | 0x80);
      rest >>>= 7;
    }
    out.write((int) rest);
    return out.toByteArray();
  }

  /** A frame with the right CRC, whatever else may be wrong with it. */
  static byte[] frame(int type, int flags, long streamId, byte[] payload) {
    return frame(FrameHeader.MAJOR_VERSION, type, flags, streamId, payload);
  }

  static byte[] frame(FrameType type, int flags, long streamId, byte... payload) {
    return frame(type.code(), flags, streamId, payload);
  }

  static byte[] frame(int version, int type, int flags, long streamId, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(FrameHeader.LENGTH + payload.length);
    frame.putInt(FrameHeader.MAGIC).put((byte) (version << 4 | flags)).put((byte) type);
    frame.putShort((short) payload.length).putInt((int) streamId);
    CRC32 crc = new CRC32();
    crc.update(frame.array(), 0, FrameHeader.LENGTH - Integer.BYTES);
    crc.update(payload);
    return frame.putInt((int) crc.getValue()).put(payload).array();
  }

  /** The header alone of a frame that announces so many bytes. */
  static byte[] header(FrameType type, int streamId, int length) {
    byte[] whole = frame(type.code(), 0, streamId, new byte[length]);
    return java.util.Arrays.copyOf(whole, FrameHeader.LENGTH);
  }

  /** The same bytes with one bit turned. */
  static byte[] flipped(byte[] bytes, int index) {
    byte[] wrong = bytes.clone();
    wrong[index] ^= 0x10;
    return wrong;
  }

  static byte[] data(long streamId, int flags, byte... payload) {
    return frame(FrameType.DATA, flags, streamId, payload);
  }

  /** A message as a request of its own: in one frame, which half-closes the stream. */
  static byte[] request(long streamId, byte[] message) {
    return data(streamId, END, message);
  }

  /** A message on stream 0. */
  static byte[] opening(byte[] message) {
    return data(0, END_MESSAGE, message);
  }

  /** A message in frames of at most so many bytes; the last one has these flags. */
  static List<byte[]> split(long streamId, int flags, byte[] message, int size) {
    List<byte[]> frames = new ArrayList<>();
    for (int from = 0; from < message.length; from += size) {
      int to = Math.min(message.length, from + size);
      byte[] part = java.util.Arrays.copyOfRange(message, from, to);
      frames.add(data(streamId, to == message.length ? flags : 0, part));
    }
    return frames;
  }

  static byte[] ack(long streamId, long credit) {
    return frame(FrameType.ACK, 0, streamId, varint(credit));
  }

  static byte[] ping(byte... payload) {
    return frame(FrameType.PING, 0, 0, payload);
  }

  static byte[] reset(long streamId) {
    return frame(FrameType.RESET, 0, streamId, number(Tag.STATUS, 0x030A));
  }

  static byte[] goaway(long lastStreamId) {
    return frame(FrameType.GOAWAY, 0, 0, varint(lastStreamId));
  }

  static byte[] message(int type, byte[]... fields) {
    return join(bytes(type), join(fields));
  }

  static byte[] message(MessageType type, byte[]... fields) {
    return message(type.code(), fields);
  }

  static byte[] field(int tag, byte... value) {
    return join(bytes(tag), varint(value.length), value);
  }

  static byte[] field(Tag tag, byte... value) {
    return field(tag.code(), value);
  }

  static byte[] text(Tag tag, String value) {
    return field(tag, value.getBytes(StandardCharsets.UTF_8));
  }

  static byte[] number(Tag tag, long value) {
    return field(tag, varint(value));
  }

  static byte[] parameter(String key, String value) {
    byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
    return field(Tag.PARAMETER, join(varint(bytes.length), bytes, ascii(value)));
  }

  static byte[] tensor(int type, long[] shape, String name, byte[] data) {
    byte[] head = bytes(type, shape.length);
    for (long dimension : shape) {
      head = join(head, varint(dimension));
    }
    byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
    return field(Tag.TENSOR, join(head, varint(utf8.length), utf8, data));
  }

  /** An inference with a model that no server has. */
  static byte[] inference(byte[]... fields) {
    byte[] name = text(Tag.MODEL_NAME, "conformance-no-such-model");
    return message(MessageType.INFERENCE_REQ, name, join(fields));
  }

  /** A message of the application's own, which nobody handles. */
  static byte[] unhandled() {
    return message(0xFE);
  }

  /** A protobuf field of wire type varint. */
  static byte[] protoNumber(int number, long value) {
    return join(varint((long) number << 3), varint(value));
  }

  /** A protobuf field of wire type length-delimited. */
  static byte[] protoBytes(int number, byte... value) {
    return join(varint((long) number << 3 | 2), varint(value.length), value);
  }

  /** A negotiation of version 1.0 with more protobuf behind it. */
  static byte[] negotiation(byte[]... more) {
    return join(protoNumber(1, 0x100), protoNumber(4, 0x100), join(more));
  }

  static byte[] negotiateRequest(byte[] negotiation) {
    return opening(message(MessageType.NEGOTIATE_REQ, field(Tag.NEGOTIATION, negotiation)));
  }

  static byte[] authRequest() {
    return opening(message(MessageType.AUTH_REQ, text(Tag.AUTH_METHOD, "none")));
  }
}

package io.modelcontrol.conformance;

import static io.modelcontrol.ErrorCode.MALFORMED_MESSAGE;
import static io.modelcontrol.ErrorCode.MESSAGE_TOO_LARGE;
import static io.modelcontrol.ErrorCode.PROTOCOL_ERROR;
import static io.modelcontrol.ErrorCode.UNSUPPORTED_MESSAGE;

import io.modelcontrol.wire.FrameHeader;
import java.util.Arrays;
import java.util.List;

/**
 * Messages that are compressed with zstd, written byte by byte (RFC 8878). A server that does not
 * select the capability is not asked.
 */
final class CompressionCases {
  private static final int COMPRESSED = FrameHeader.COMPRESSED;
  private static final byte[] MAGIC = Bytes.bytes(0x28, 0xB5, 0x2F, 0xFD);

  /** A header without a content size: a window of 64 KiB. */
  private static final byte[] HEADER = Bytes.join(MAGIC, Bytes.bytes(0x00, 0x30));

  private static final int BLOCK_BYTES = 65_536;

  private final CaseGroup group = new CaseGroup("zstd").section("Compression");

  private CompressionCases() {}

  static List<ConformanceCase> all() {
    CompressionCases cases = new CompressionCases();
    cases.taken();
    cases.refused();
    cases.bounds();
    return cases.group.cases();
  }

  /** An unhandled message that is stored in a frame as it is. */
  private static byte[] stored() {
    byte[] message = Bytes.unhandled();
    return Bytes.join(HEADER, block(true, 0, message.length), message);
  }

  /** A block of type 0, raw, or 1, one byte that is repeated. */
  private static byte[] block(boolean last, int type, int size) {
    int header = (last ? 1 : 0) | type << 1 | size << 3;
    return Bytes.bytes(header & 0xFF, header >> 8 & 0xFF, header >> 16 & 0xFF);
  }

  /** A message of the application's own that repeats one byte. */
  private static byte[] repeated(int blocks) {
    byte[] all = HEADER;
    for (int i = 1; i <= blocks; i++) {
      all = Bytes.join(all, block(i == blocks, 1, BLOCK_BYTES), Bytes.bytes(0xFE));
    }
    return all;
  }

  private CaseGroup.Draft zstd(String sentence, byte[]... frames) {
    return group.script(
        State.HANDSHAKING,
        sentence,
        peer -> {
          byte[] offer = Bytes.protoBytes(1, Bytes.ascii("zstd"));
          byte[] capability = Bytes.protoBytes(2, Bytes.join(offer, Bytes.protoNumber(2, 1)));
          if (peer.negotiate(Bytes.negotiation(capability)).all(2).isEmpty()) {
            throw CaseFailure.skipped("the server does not select zstd");
          }
          peer.authenticate();
          peer.send(Bytes.join(frames));
        });
  }

  private void taken() {
    byte[] stored = stored();
    zstd("takes a compressed message", Bytes.data(1, COMPRESSED | Bytes.END, stored))
        .status(1, UNSUPPORTED_MESSAGE);
    byte[][] pieces = new byte[stored.length][];
    for (int i = 0; i < stored.length; i++) {
      int flags = (i == 0 ? COMPRESSED : 0) | (i == stored.length - 1 ? Bytes.END : 0);
      pieces[i] = Bytes.data(1, flags, stored[i]);
    }
    zstd("takes a compressed message byte by byte", pieces).status(1, UNSUPPORTED_MESSAGE);
    zstd("takes messages that are not compressed", Bytes.request(1, Bytes.unhandled()))
        .status(1, UNSUPPORTED_MESSAGE);
  }

  private void refused() {
    byte[] stored = stored();
    zstd(
            "refuses COMPRESSED on a frame within a message",
            Bytes.data(1, COMPRESSED, stored[0]),
            Bytes.data(1, COMPRESSED | Bytes.END, stored[1]))
        .reset(1, PROTOCOL_ERROR);
    zstd(
            "refuses bytes that are no zstd frame",
            Bytes.data(1, COMPRESSED | Bytes.END, Bytes.unhandled()))
        .reset(1, MALFORMED_MESSAGE);
    zstd(
            "refuses a zstd frame that is cut off",
            Bytes.data(1, COMPRESSED | Bytes.END, Arrays.copyOf(stored, 9)))
        .reset(1, MALFORMED_MESSAGE);
    zstd(
            "refuses bytes behind the zstd frame",
            Bytes.data(1, COMPRESSED | Bytes.END, Bytes.join(stored, Bytes.bytes(0))))
        .reset(1, MALFORMED_MESSAGE);
    zstd(
            "refuses two zstd frames",
            Bytes.data(1, COMPRESSED | Bytes.END, Bytes.join(stored, stored)))
        .reset(1, MALFORMED_MESSAGE);
    zstd(
            "refuses a dictionary",
            Bytes.data(1, COMPRESSED | Bytes.END, Bytes.join(MAGIC, Bytes.bytes(1, 0x30, 7))))
        .reset(1, MALFORMED_MESSAGE);
    zstd(
            "refuses a block of the reserved type",
            Bytes.data(1, COMPRESSED | Bytes.END, Bytes.join(HEADER, block(true, 3, 1))))
        .reset(1, MALFORMED_MESSAGE);
  }

  private void bounds() {
    zstd("refuses a message that unfolds too much", bomb(repeated(64))).reset(1, MESSAGE_TOO_LARGE);
    zstd(
            "refuses a window of more than 8 MiB",
            Bytes.data(
                1,
                COMPRESSED | Bytes.END,
                Bytes.join(MAGIC, Bytes.bytes(0, 0x69), block(true, 0, 1), Bytes.bytes(0xFE))))
        .reset(1, MESSAGE_TOO_LARGE);
    zstd(
            "refuses a frame that claims 2^63 bytes",
            Bytes.data(
                1,
                COMPRESSED | Bytes.END,
                Bytes.join(
                    MAGIC,
                    Bytes.bytes(0xC0, 0x30, 0, 0, 0, 0, 0, 0, 0, 0x80),
                    block(true, 0, 1),
                    Bytes.bytes(0xFE))))
        .reset(1, MESSAGE_TOO_LARGE);
  }

  private static byte[] bomb(byte[] frame) {
    return Bytes.data(1, COMPRESSED | Bytes.END, frame);
  }
}

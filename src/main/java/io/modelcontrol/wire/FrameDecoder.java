package io.modelcontrol.wire;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Finds frames in a stream of bytes that arrives in any pieces. Contract 1. One for each
 * connection; not thread-safe.
 *
 * <p>A header is judged as soon as its 16 bytes are there, its magic even byte by byte, so nothing
 * is kept for a frame that will be refused. A payload reaches the listener only after its CRC
 * matched. What is kept of an unfinished frame grows with the bytes that arrived, never with what
 * its header announces, see {@link PayloadCollector}. No byte is looked at twice, however the
 * stream is cut.
 *
 * <p>An error is final, as the frame boundary is lost: every later call throws the same.
 */
public final class FrameDecoder {
  private final FrameListener listener;
  private final FrameCrc crc = new FrameCrc();
  private final PayloadCollector collector = new PayloadCollector();

  /** The header so far, as two longs that its bytes are shifted into. */
  private long first;

  private long second;
  private int headerBytes;

  /** Bytes of the payload that are still to come; only counts behind a whole header. */
  private int missing;

  private boolean speaksMcp;
  private boolean released;
  private McpException failure;

  public FrameDecoder(FrameListener listener) {
    this.listener = listener;
  }

  /**
   * Takes over the bytes that were read and passes on each frame that they complete. A listener may
   * call {@link #release()} to get no further frame.
   *
   * @throws McpException MALFORMED_FRAME, VERSION_MISMATCH or CHECKSUM_MISMATCH, for the session
   */
  public void decode(ByteBuf in) {
    boolean done = false;
    try {
      if (failure != null) {
        throw failure;
      }
      while (!released && in.isReadable()) {
        step(in);
      }
      done = true;
    } finally {
      in.release();
      if (!done) {
        release();
      }
    }
  }

  /** Whether the peer's first four bytes were the magic; if not, it gets no answer. */
  public boolean speaksMcp() {
    return speaksMcp;
  }

  /** Whether a frame has begun and is not complete. */
  public boolean inFrame() {
    return headerBytes > 0;
  }

  /** Whether a header has begun and is not complete. */
  public boolean inHeader() {
    return headerBytes > 0 && headerBytes < FrameHeader.LENGTH;
  }

  /** Bytes of an unfinished frame that are held. */
  public int pendingBytes() {
    return headerBytes + collector.bytes();
  }

  /** Gives up what is held; bytes that come later are dropped. */
  public void release() {
    released = true;
    headerBytes = 0;
    collector.release();
  }

  private void step(ByteBuf in) {
    if (headerBytes == FrameHeader.LENGTH) {
      readPayload(in);
    } else if (readHeader(in)) {
      judgeHeader();
      beginPayload(in);
    }
  }

  private boolean readHeader(ByteBuf in) {
    if (headerBytes == 0 && in.readableBytes() >= FrameHeader.LENGTH) {
      first = in.readLong();
      second = in.readLong();
      headerBytes = FrameHeader.LENGTH;
      return true;
    }
    while (headerBytes < FrameHeader.LENGTH && in.isReadable()) {
      readHeaderByte(in.readUnsignedByte());
    }
    return headerBytes == FrameHeader.LENGTH;
  }

  private void readHeaderByte(int next) {
    if (headerBytes < Long.BYTES) {
      first = (first << Byte.SIZE) | next;
    } else {
      second = (second << Byte.SIZE) | next;
    }
    headerBytes++;
    if (headerBytes <= Integer.BYTES) {
      judgeMagic((int) first, (Integer.BYTES - headerBytes) * Byte.SIZE);
    }
  }

  /** Compares the magic's bytes that are there; so many bits of it are still to come. */
  private void judgeMagic(int magic, int missingBits) {
    int expected = FrameHeader.MAGIC >>> missingBits;
    int mask = ~0 >>> missingBits;
    if ((magic & mask) != expected) {
      throw fail(
          ErrorCode.MALFORMED_FRAME,
          "magic is 0x4D435000, came " + hex((magic & mask) << missingBits));
    }
    if (missingBits == 0) {
      speaksMcp = true;
    }
  }

  private void judgeHeader() {
    judgeMagic(FrameHeader.magic(first), 0);
    int version = FrameHeader.version(first);
    if (version != FrameHeader.MAJOR_VERSION) {
      throw fail(
          ErrorCode.VERSION_MISMATCH,
          "major version is " + FrameHeader.MAJOR_VERSION + ", came " + version);
    }
    int code = FrameHeader.type(first);
    if (isSkipped()) {
      return;
    }
    FrameType type = FrameType.of(code);
    if (type == null) {
      throw fail(ErrorCode.MALFORMED_FRAME, "unknown frame type " + code);
    }
    int undefined = FrameHeader.flags(first) & ~type.definedFlags();
    if (undefined != 0) {
      throw fail(ErrorCode.MALFORMED_FRAME, type + " has the reserved flags " + hex(undefined));
    }
    int length = FrameHeader.length(first);
    if (length > type.maxPayload()) {
      throw fail(
          ErrorCode.MALFORMED_FRAME,
          "length " + length + " exceeds max " + type + " payload " + type.maxPayload());
    }
  }

  private void beginPayload(ByteBuf in) {
    int length = FrameHeader.length(first);
    missing = length;
    if (length == 0) {
      judgeCrc(FrameCrc.ofHeader(first, FrameHeader.streamId(second)));
      emit(Unpooled.EMPTY_BUFFER);
      return;
    }
    crc.start(first, FrameHeader.streamId(second));
    if (in.readableBytes() >= length && !isSkipped()) {
      crc.update(in, in.readerIndex(), length);
      judgeCrc(crc.value());
      emit(in.readRetainedSlice(length));
    }
  }

  private void readPayload(ByteBuf in) {
    int length = Math.min(missing, in.readableBytes());
    crc.update(in, in.readerIndex(), length);
    missing -= length;
    if (isSkipped()) {
      in.skipBytes(length);
    } else {
      collector.add(in, length);
    }
    if (missing == 0) {
      judgeCrc(crc.value());
      emit(collector.finish());
    }
  }

  private void judgeCrc(int computed) {
    int announced = FrameHeader.crc(second);
    if (computed != announced) {
      throw fail(
          ErrorCode.CHECKSUM_MISMATCH, "CRC is " + hex(computed) + ", came " + hex(announced));
    }
  }

  private void emit(ByteBuf payload) {
    headerBytes = 0;
    int type = FrameHeader.type(first);
    if (isSkipped()) {
      listener.onExtension(type);
    } else {
      listener.onFrame(
          FrameType.of(type), FrameHeader.flags(first), FrameHeader.streamId(second), payload);
    }
  }

  /** An extension that is not ours, or that only shares its type with ours. */
  private boolean isSkipped() {
    int type = FrameHeader.type(first);
    return type >= FrameType.FIRST_EXTENSION
        && (type != FrameType.RECEIVED.code()
            || FrameHeader.flags(first) != 0
            || FrameHeader.length(first) > FrameType.RECEIVED.maxPayload());
  }

  private McpException fail(ErrorCode code, String text) {
    failure = McpException.sessionError(code, text);
    return failure;
  }

  private static String hex(int value) {
    return String.format("0x%08X", value);
  }
}

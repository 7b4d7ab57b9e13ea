package io.modelcontrol.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.wire.FrameDecoder;
import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameListener;
import io.modelcontrol.wire.FrameType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;

/**
 * A stream of bytes that is read at once, and in pieces, gives the same frames and the same error;
 * and all memory comes back. The input: four bytes that seed the pieces, then the stream. An odd
 * seed has the checksums put right first, as no fuzzer finds them.
 */
class FrameDecoderFuzz {
  private static final int SEED_BYTES = 4;

  @FuzzTest(maxDuration = "10m")
  void everySplitGivesTheSame(byte[] input) {
    if (input.length < SEED_BYTES) {
      return;
    }
    int seed = ByteBuffer.wrap(input).getInt();
    byte[] stream = new byte[input.length - SEED_BYTES];
    System.arraycopy(input, SEED_BYTES, stream, 0, stream.length);
    if ((seed & 1) == 1) {
      putChecksumsRight(stream);
    }
    Outcome whole = decode(stream, null);
    Outcome pieces = decode(stream, new Random(seed));
    if (!whole.equals(pieces)) {
      throw new AssertionError(whole + " at once, " + pieces + " in pieces");
    }
  }

  private record Outcome(
      List<String> frames, ErrorCode error, boolean speaksMcp, boolean inFrame, int pending) {}

  private static Outcome decode(byte[] stream, Random pieces) {
    UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
    Recorder recorder = new Recorder();
    FrameDecoder decoder = new FrameDecoder(recorder);
    ErrorCode error = null;
    for (int at = 0; at < stream.length && error == null; ) {
      int left = stream.length - at;
      int size =
          pieces == null ? left : 1 + pieces.nextInt(Math.min(left, 1 << pieces.nextInt(12)));
      try {
        decoder.decode(allocator.heapBuffer(size).writeBytes(stream, at, size));
      } catch (McpException e) {
        error = e.code();
        if (e.scope() != McpException.Scope.SESSION) {
          throw new AssertionError("a framing error of one stream", e);
        }
      }
      at += size;
    }
    Outcome outcome =
        new Outcome(
            recorder.frames, error, decoder.speaksMcp(), decoder.inFrame(), decoder.pendingBytes());
    decoder.release();
    if (allocator.metric().usedHeapMemory() != 0) {
      throw new AssertionError(allocator.metric().usedHeapMemory() + " bytes are still held");
    }
    return outcome;
  }

  private static void putChecksumsRight(byte[] stream) {
    ByteBuffer bytes = ByteBuffer.wrap(stream);
    int at = 0;
    while (at + FrameHeader.LENGTH <= stream.length) {
      int payload = bytes.getShort(at + 6) & 0xFFFF;
      if (at + FrameHeader.LENGTH + payload > stream.length) {
        return;
      }
      CRC32 crc = new CRC32();
      crc.update(stream, at, FrameHeader.LENGTH - 4);
      crc.update(stream, at + FrameHeader.LENGTH, payload);
      bytes.putInt(at + FrameHeader.LENGTH - 4, (int) crc.getValue());
      at += FrameHeader.LENGTH + payload;
    }
  }

  private static final class Recorder implements FrameListener {
    final List<String> frames = new ArrayList<>();

    @Override
    public void onFrame(FrameType type, int flags, int streamId, ByteBuf payload) {
      frames.add(type + " " + flags + " " + streamId + " " + ByteBufUtil.hashCode(payload));
      payload.release();
    }

    @Override
    public void onExtension(int type) {
      frames.add("extension " + type);
    }
  }
}

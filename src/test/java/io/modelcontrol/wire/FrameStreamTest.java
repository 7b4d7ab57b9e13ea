package io.modelcontrol.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.McpException;
import io.modelcontrol.testing.Vectors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A stream of frames, cut, cut short and damaged in every way. */
class FrameStreamTest {
  /** Counts what is held, so it needs no leak detector, whose records take most of the time. */
  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true, true);

  static List<String> vectors() {
    return Vectors.names("frame-");
  }

  @AfterEach
  void nothingIsLeftAllocated() {
    assertThat(allocator.metric().usedDirectMemory()).isZero();
    assertThat(allocator.metric().usedHeapMemory()).isZero();
  }

  @Test
  void everySplitInTwoGivesTheSameFrames() {
    byte[] stream = Frames.join(vectors().stream().map(Vectors::bytes).toArray(byte[][]::new));
    List<String> whole = decode(stream, stream.length);
    for (int cut = 1; cut < stream.length; cut++) {
      Frames frames = new Frames();
      FrameDecoder decoder = new FrameDecoder(frames);
      decoder.decode(read(stream, 0, cut));
      decoder.decode(read(stream, cut, stream.length - cut));
      assertThat(frames.seen).isEqualTo(whole);
      assertThat(decoder.pendingBytes()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 15, 16, 17, 100, 511, 512, 513, 1460, 9000})
  void everySizeOfReadGivesTheSameFrames(int size) {
    byte[] stream = stream();
    assertThat(decode(stream, size)).isEqualTo(decode(stream, stream.length));
  }

  @Test
  void randomReadsGiveTheSameFrames() {
    byte[] stream = stream();
    List<String> whole = decode(stream, stream.length);
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      Frames frames = new Frames();
      FrameDecoder decoder = new FrameDecoder(frames);
      for (int at = 0; at < stream.length; ) {
        int size = Math.min(stream.length - at, 1 + random.nextInt(1 << random.nextInt(13)));
        decoder.decode(read(stream, at, size));
        at += size;
      }
      assertThat(frames.seen).as("seed %d", seed).isEqualTo(whole);
    }
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void aFrameThatIsCutShortIsNotSeen(String name) {
    byte[] frame = Vectors.bytes(name);
    for (int length = 0; length < frame.length; length++) {
      Frames frames = new Frames();
      FrameDecoder decoder = new FrameDecoder(frames);
      decoder.decode(read(frame, 0, length));
      assertThat(frames.seen).isEmpty();
      assertThat(decoder.inFrame()).isEqualTo(length > 0);
      decoder.release();
    }
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void noSingleBitFlipGetsThrough(String name) {
    byte[] frame = Vectors.bytes(name);
    for (int bit = 0; bit < frame.length * Byte.SIZE; bit++) {
      byte[] flipped = frame.clone();
      flipped[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
      Frames frames = new Frames();
      FrameDecoder decoder = new FrameDecoder(frames);
      try {
        decoder.decode(read(flipped, 0, flipped.length));
      } catch (McpException e) {
        assertThat(e.scope()).isEqualTo(McpException.Scope.SESSION);
      }
      assertThat(frames.seen).as("bit %d", bit).isEmpty();
      decoder.release();
    }
  }

  @Test
  void aByteAtATimePinsWhatArrivedAndNotTheReadBuffers() {
    byte[] frame = Frames.frame(1, 0, 1, new byte[65535]);
    FrameDecoder decoder = new FrameDecoder(new Frames());
    for (int i = 0; i < 2000; i++) {
      decoder.decode(allocator.directBuffer(65536).writeByte(frame[i]));
      assertThat(decoder.pendingBytes()).isEqualTo(i + 1);
      assertThat(allocator.metric().usedDirectMemory()).isLessThanOrEqualTo(256 + 4L * i);
    }
    decoder.release();
  }

  @Test
  void anAnnouncedLengthAllocatesNothing() {
    byte[] frame = Frames.frame(1, 0, 1, new byte[65535]);
    FrameDecoder decoder = new FrameDecoder(new Frames());
    decoder.decode(read(frame, 0, FrameHeader.LENGTH));
    assertThat(allocator.metric().usedDirectMemory()).isZero();
    decoder.release();
  }

  @Test
  void slicesPinNoMoreThanTheyMay() {
    byte[] frame = Frames.frame(1, 0, 1, new byte[60000]);
    FrameDecoder decoder = new FrameDecoder(new Frames());
    int arrived = 0;
    for (int size = 512; arrived + size < frame.length; size += 512) {
      decoder.decode(allocator.directBuffer(65536).writeBytes(frame, arrived, size));
      arrived += size;
      assertThat(allocator.metric().usedDirectMemory())
          .isLessThanOrEqualTo((long) PayloadCollector.PINNED_FOR_EACH_BYTE * arrived);
    }
    decoder.release();
  }

  @Test
  void largePiecesOfAStraddlingFrameAreNotCopied() {
    byte[] frame = Frames.frame(1, 0, 1, new byte[40000]);
    List<ByteBuf> payloads = new ArrayList<>();
    FrameDecoder decoder = new FrameDecoder((type, flags, id, payload) -> payloads.add(payload));
    ByteBuf first = read(frame, 0, 20000);
    ByteBuf second = read(frame, 20000, frame.length - 20000);
    decoder.decode(first);
    decoder.decode(second);
    assertThat(first.refCnt()).isEqualTo(1);
    assertThat(second.refCnt()).isEqualTo(1);
    assertThat(allocator.metric().usedDirectMemory())
        .isEqualTo((long) first.capacity() + second.capacity());
    payloads.forEach(ByteBuf::release);
  }

  private static byte[] stream() {
    List<byte[]> frames = new ArrayList<>();
    vectors().forEach(name -> frames.add(Vectors.bytes(name)));
    byte[] large = new byte[3000];
    new Random(1).nextBytes(large);
    frames.add(Frames.frame(1, 0, 9, large));
    frames.add(Frames.frame(0x81, 0, 9, large));
    vectors().forEach(name -> frames.add(Vectors.bytes(name)));
    return Frames.join(frames.toArray(byte[][]::new));
  }

  private List<String> decode(byte[] stream, int size) {
    Frames frames = new Frames();
    FrameDecoder decoder = new FrameDecoder(frames);
    for (int at = 0; at < stream.length; at += size) {
      decoder.decode(read(stream, at, Math.min(size, stream.length - at)));
    }
    assertThat(decoder.pendingBytes()).isZero();
    return frames.seen;
  }

  private ByteBuf read(byte[] bytes, int index, int length) {
    return allocator.directBuffer(Math.max(1, length)).writeBytes(bytes, index, length);
  }

  /** Keeps the class's own helper honest: a vector without comments is the bytes that it shows. */
  @Test
  void vectorsAreRead() {
    assertThat(ByteBufUtil.hexDump(Unpooled.wrappedBuffer(Vectors.bytes("frame-data-end"))))
        .startsWith("4d435000" + "12" + "01" + "0000" + "00000007");
  }
}

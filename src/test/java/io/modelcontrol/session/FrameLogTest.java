package io.modelcontrol.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.wire.FrameType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FrameLogTest {
  private final FrameLog log = new FrameLog(1000);

  @AfterEach
  void release() {
    log.release();
    assertThat(log.bytes()).isZero();
  }

  @Test
  void replaysWhatThePeerHasNotReceivedInOrderAsOftenAsNeeded() {
    add(FrameType.DATA, 3, -1, "one");
    add(FrameType.ACK, 0, 0, "two");
    add(FrameType.RESET, 0, 5, "three");
    log.acknowledge(1);
    List<String> rest = List.of("ACK 0 0 two", "RESET 0 5 three");
    assertThat(replayed()).isEqualTo(rest);
    assertThat(replayed()).isEqualTo(rest);
  }

  @Test
  void keepsFlagsStreamIdsAndEmptyPayloads() {
    add(FrameType.DATA, 0xF, 0xFFFFFFFF, "");
    assertThat(replayed()).containsExactly("DATA 15 4294967295 ");
  }

  @Test
  void keepsTheOrderWhenItGrowsAroundItsEnd() {
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      add(FrameType.DATA, 0, 1, "frame " + i);
      if (i % 3 == 0) {
        log.acknowledge(i / 3 + 1);
      }
    }
    for (int i = 34; i < 100; i++) {
      expected.add("DATA 0 1 frame " + i);
    }
    assertThat(replayed()).isEqualTo(expected);
  }

  @Test
  void coversWhatWasSentAndIsNotForgotten() {
    add(FrameType.DATA, 0, 1, "a");
    add(FrameType.DATA, 0, 1, "b");
    log.acknowledge(1);
    assertThat(log.covers(0)).isFalse();
    assertThat(log.covers(1)).isTrue();
    assertThat(log.covers(2)).isTrue();
    assertThat(log.covers(3)).isFalse();
  }

  @Test
  void isFullBeyondItsBytesUntilThePeerTells() {
    add(FrameType.DATA, 0, 1, "x".repeat(1000));
    assertThat(log.isFull()).isTrue();
    assertThat(log.acknowledge(1)).isEqualTo(1000);
    assertThat(log.isFull()).isFalse();
  }

  @Test
  void isFullBeyondItsFrames() {
    for (int i = 0; i < 1 << 15; i++) {
      assertThat(log.isFull()).isFalse();
      log.add(FrameType.ACK, 0, 1, null);
    }
    assertThat(log.isFull()).isTrue();
  }

  private void add(FrameType type, int flags, int streamId, String payload) {
    ByteBuf bytes =
        payload.isEmpty() ? null : Unpooled.copiedBuffer(payload, StandardCharsets.UTF_8);
    log.add(type, flags, streamId, bytes);
  }

  private List<String> replayed() {
    List<String> frames = new ArrayList<>();
    log.replay(
        new FrameSink() {
          @Override
          public void write(FrameType type, int flags, int streamId, ByteBuf payload) {
            String text = payload == null ? "" : payload.toString(StandardCharsets.UTF_8);
            frames.add(type + " " + flags + " " + Integer.toUnsignedString(streamId) + " " + text);
            if (payload != null) {
              payload.release();
            }
          }

          @Override
          public boolean isWritable() {
            return true;
          }

          @Override
          public void close() {}
        });
    return frames;
  }
}

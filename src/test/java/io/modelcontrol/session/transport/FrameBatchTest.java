package io.modelcontrol.session.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.wire.FrameDecoder;
import io.modelcontrol.wire.FrameListener;
import io.modelcontrol.wire.FrameType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a channel is given for the frames of one turn. */
class FrameBatchTest {
  private static final int LARGE = 4096;

  private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
  private final FrameBatch batch = new FrameBatch(channel.pipeline().firstContext());

  @AfterEach
  void close() {
    batch.release();
    channel.finishAndReleaseAll();
  }

  @Test
  void smallFramesAreOneBuffer() {
    add(1, payload(10));
    add(3, payload(0));
    add(5, payload(100));
    assertThat(channel.outboundMessages()).isEmpty();
    flush();
    assertThat(channel.outboundMessages()).hasSize(1);
    assertThat(received()).containsExactly("1:10", "3:0", "5:100");
  }

  @Test
  void aLargePayloadGoesByReferenceInItsPlace() {
    ByteBuf large = payload(LARGE);
    add(1, payload(10));
    add(3, large.retain());
    add(5, payload(10));
    flush();
    assertThat(channel.outboundMessages()).hasSize(3);
    assertThat(((ByteBuf) channel.outboundMessages().toArray()[1]).array()).isSameAs(large.array());
    assertThat(received()).containsExactly("1:10", "3:" + LARGE, "5:10");
    assertThat(large.release()).isTrue();
  }

  @Test
  void noIndexOfAPayloadIsMoved() {
    ByteBuf small = payload(10);
    ByteBuf large = payload(LARGE);
    add(1, small.retain());
    add(3, large.retain());
    flush();
    received();
    assertThat(small.readableBytes()).isEqualTo(10);
    assertThat(large.readableBytes()).isEqualTo(LARGE);
    small.release();
    large.release();
  }

  @Test
  void manyFramesArriveInTheirOrder() {
    List<String> sent = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      int bytes = i * 37 % 2000;
      add(2 * i + 1, payload(bytes));
      sent.add(2 * i + 1 + ":" + bytes);
    }
    flush();
    assertThat(received()).isEqualTo(sent);
  }

  private void add(int streamId, ByteBuf payload) {
    batch.add(FrameType.DATA, 0, streamId, payload);
  }

  private void flush() {
    batch.write();
    channel.flush();
  }

  private static ByteBuf payload(int bytes) {
    return Unpooled.buffer(Math.max(1, bytes)).writeZero(bytes);
  }

  /** Stream and bytes of each frame, as a peer decodes them. */
  private List<String> received() {
    List<String> frames = new ArrayList<>();
    FrameDecoder decoder =
        new FrameDecoder(
            new FrameListener() {
              @Override
              public void onFrame(FrameType type, int flags, int streamId, ByteBuf payload) {
                frames.add(streamId + ":" + payload.readableBytes());
                payload.release();
              }

              @Override
              public void onExtension(int type) {
                throw new AssertionError("extension " + type);
              }
            });
    for (ByteBuf bytes = channel.readOutbound(); bytes != null; bytes = channel.readOutbound()) {
      decoder.decode(bytes);
    }
    return frames;
  }
}

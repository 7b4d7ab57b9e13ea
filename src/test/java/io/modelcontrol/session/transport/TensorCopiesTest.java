package io.modelcontrol.session.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.DataType;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.session.FrameSink;
import io.modelcontrol.session.Session;
import io.modelcontrol.session.SessionConfig;
import io.modelcontrol.session.SessionListener;
import io.modelcontrol.session.SessionRole;
import io.modelcontrol.session.Stream;
import io.modelcontrol.wire.FrameDecoder;
import io.modelcontrol.wire.FrameListener;
import io.modelcontrol.wire.FrameType;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageDecoder;
import io.modelcontrol.wire.MessageEncoder;
import io.modelcontrol.wire.MessageType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * An image's tensor on its way from the caller's buffer to the socket, and from what was read to
 * the model: whoever shares memory sees what is written there later, a copy does not.
 */
class TensorCopiesTest {
  private static final int BYTES = 602_112;
  private static final int READ_BYTES = 256 * 1024;

  /** One piece that is too short to keep a whole read for its sake. */
  private static final int COPIED_BYTES = 16 * 1024;

  private static final byte MARK = 42;

  private final End client = new End(SessionRole.CLIENT);
  private final End server = new End(SessionRole.SERVER);

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  @Test
  void aTensorIsNotCopiedOnItsWayToTheSocket() {
    connect();
    ByteBuf data = Unpooled.buffer(BYTES).writeZero(BYTES);
    send(data);
    mark(data);
    assertThat(marks(joined(client.outbound()))).isEqualTo(BYTES);
  }

  @Test
  void aTensorIsAViewOfWhatWasReadButForShortPiecesAtTheEndsOfReads() {
    connect();
    send(Unpooled.buffer(BYTES).writeZero(BYTES));
    List<ByteBuf> reads = reads(joined(client.outbound()));
    reads.forEach(read -> server.decoder.decode(read.retainedDuplicate()));
    Message request = MessageDecoder.decode(server.message);
    reads.forEach(TensorCopiesTest::mark);
    assertThat(marks(request.tensors().get(0).data())).isGreaterThan(BYTES - COPIED_BYTES);
    request.release();
    reads.forEach(ByteBuf::release);
  }

  private void connect() {
    client.session.onConnected();
    server.session.onConnected();
    for (int i = 0; i < 4; i++) {
      client.outbound().forEach(server.decoder::decode);
      server.outbound().forEach(client.decoder::decode);
    }
  }

  private void send(ByteBuf data) {
    Message request =
        Message.of(MessageType.INFERENCE_REQ)
            .modelName("m")
            .tensor(Tensor.of("x", DataType.FLOAT, new long[] {1, 3, 224, 224}, data));
    ByteBuf message = MessageEncoder.encode(request, UnpooledByteBufAllocator.DEFAULT);
    client.session.send(client.session.openStream(), message, true);
  }

  private static void mark(ByteBuf data) {
    byte[] marks = new byte[data.readableBytes()];
    Arrays.fill(marks, MARK);
    data.setBytes(data.readerIndex(), marks);
  }

  private static int marks(ByteBuf data) {
    int marks = 0;
    for (byte found : ByteBufUtil.getBytes(data)) {
      marks += found == MARK ? 1 : 0;
    }
    return marks;
  }

  private static ByteBuf joined(List<ByteBuf> parts) {
    ByteBuf all = Unpooled.buffer();
    parts.forEach(
        part -> {
          all.writeBytes(part);
          part.release();
        });
    return all;
  }

  private static List<ByteBuf> reads(ByteBuf bytes) {
    List<ByteBuf> reads = new ArrayList<>();
    while (bytes.isReadable()) {
      reads.add(bytes.readBytes(Math.min(READ_BYTES, bytes.readableBytes())));
    }
    bytes.release();
    return reads;
  }

  /** One end of a connection, with what carries its frames and without a socket. */
  private static final class End implements FrameSink, SessionListener {
    private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
    private final FrameBatch batch = new FrameBatch(channel.pipeline().firstContext());
    private final Session session;
    private final FrameDecoder decoder;
    private ByteBuf message;

    End(SessionRole role) {
      SessionConfig config =
          new SessionConfig(
              role,
              SessionConfig.DEFAULT_LIMITS,
              Map.of(),
              Map.of(),
              "test",
              "none",
              null,
              SessionConfig.Timeouts.DEFAULT);
      session = new Session(config, this, this, UnpooledByteBufAllocator.DEFAULT);
      session.advance(1);
      session.connect();
      decoder =
          new FrameDecoder(
              new FrameListener() {
                @Override
                public void onFrame(FrameType type, int flags, int streamId, ByteBuf payload) {
                  session.onFrame(type, flags, streamId, payload);
                }

                @Override
                public void onExtension(int type) {
                  session.onExtension(type);
                }
              });
    }

    /** What the channel was given since. */
    List<ByteBuf> outbound() {
      batch.flush();
      List<ByteBuf> parts = new ArrayList<>();
      for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
        parts.add(part);
      }
      return parts;
    }

    @Override
    public void write(FrameType type, int flags, int streamId, ByteBuf payloadOrNull) {
      batch.add(
          type, flags, streamId, payloadOrNull == null ? Unpooled.EMPTY_BUFFER : payloadOrNull);
    }

    @Override
    public boolean isWritable() {
      return true;
    }

    @Override
    public void close() {
      decoder.release();
      batch.release();
      channel.finishAndReleaseAll();
    }

    @Override
    public void onReady() {
      // The frames that follow show it.
    }

    @Override
    public void onAuthRequest(String method, byte[] credential) {
      session.acceptAuth("somebody", List.of("role"), null);
    }

    @Override
    public void onMessage(Stream stream, ByteBuf received, boolean endStream) {
      message = received;
    }

    @Override
    public void onReset(Stream stream, McpException error) {
      throw new AssertionError("a stream was reset", error);
    }

    @Override
    public void onClosed(McpException errorOrNull) {
      throw new AssertionError("a session was closed", errorOrNull);
    }
  }
}

package io.modelcontrol.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.session.FrameSink;
import io.modelcontrol.session.Session;
import io.modelcontrol.session.SessionConfig;
import io.modelcontrol.session.SessionListener;
import io.modelcontrol.session.SessionRole;
import io.modelcontrol.session.SessionState;
import io.modelcontrol.session.Stream;
import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameType;
import io.modelcontrol.wire.Limits;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageEncoder;
import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.Negotiation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Any sequence of frames to a server that is Ready: nothing is thrown, each stream ends once, the
 * session answers or closes, and all memory comes back. The input is a script: for each frame its
 * type and flags, its stream, the length of its payload, and the payload.
 */
class SessionScriptFuzz {
  private static final Limits LIMITS = new Limits(3, 65_536, 262_144, 100_000, 0);
  private static final int STEP_BYTES = 4;

  @FuzzTest(maxDuration = "10m")
  void noScriptBreaksASession(byte[] input) {
    UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
    Server server = new Server(allocator);
    ByteBuffer script = ByteBuffer.wrap(input);
    while (script.remaining() >= STEP_BYTES && server.session.state() != SessionState.CLOSED) {
      server.step(script, allocator);
    }
    server.session.onDisconnected(
        McpException.sessionError(ErrorCode.NETWORK_CONNECTION_CLOSED, "the script is over"));
    server.session.close();
    if (server.closed != 1 || server.session.openStreams() != 0) {
      throw new AssertionError("closed " + server.closed + " times");
    }
    if (allocator.metric().usedHeapMemory() != 0) {
      throw new AssertionError(allocator.metric().usedHeapMemory() + " bytes are still held");
    }
  }

  private static final class Server implements FrameSink, SessionListener {
    final List<Stream> ended = new ArrayList<>();
    final Session session;
    long nowNanos = 1;
    int closed;

    Server(UnpooledByteBufAllocator allocator) {
      session =
          new Session(
              new SessionConfig(
                  SessionRole.SERVER,
                  LIMITS,
                  Map.of(SessionConfig.RESUME, true),
                  Map.of(),
                  "fuzz",
                  "none",
                  null,
                  SessionConfig.Timeouts.DEFAULT),
              this,
              this,
              allocator);
      session.advance(nowNanos);
      session.connect();
      session.onConnected();
      Negotiation offer =
          new Negotiation(
              SessionConfig.VERSION,
              SessionConfig.VERSION,
              Map.of(SessionConfig.RESUME, true),
              Map.of(),
              LIMITS,
              "fuzz");
      open(Message.of(MessageType.NEGOTIATE_REQ).negotiation(offer), allocator);
      open(Message.of(MessageType.AUTH_REQ).authMethod("none"), allocator);
    }

    private void open(Message message, UnpooledByteBufAllocator allocator) {
      ByteBuf bytes = MessageEncoder.encode(message, allocator);
      session.onFrame(FrameType.DATA, FrameHeader.END_MESSAGE, 0, bytes);
    }

    void step(ByteBuffer script, UnpooledByteBufAllocator allocator) {
      int kind = script.get();
      int streamId = script.get() & 0xFF;
      int length = Math.min(script.getShort() & 0xFFFF, script.remaining());
      FrameType type = FrameType.of(1 + (kind & 7));
      nowNanos += 1_000_000L << (kind >>> 3 & 1) * 14;
      session.advance(nowNanos);
      if (type == null || session.state() == SessionState.CLOSED) {
        session.onExtension(FrameType.RECEIVED.code() + 1);
        script.position(script.position() + length);
        return;
      }
      int size = Math.min(length, type.maxPayload());
      byte[] payload = new byte[size];
      script.get(payload);
      ByteBuf bytes = allocator.heapBuffer(size).writeBytes(payload);
      session.onFrame(type, kind >>> 4 & type.definedFlags(), streamId, bytes);
    }

    @Override
    public void write(FrameType type, int flags, int streamId, ByteBuf payload) {
      if (payload != null) {
        payload.release();
      }
    }

    @Override
    public boolean isWritable() {
      return true;
    }

    @Override
    public void close() {
      // There is no connection to close.
    }

    @Override
    public void onReady() {
      // The script begins.
    }

    @Override
    public void onAuthRequest(String method, byte[] credential) {
      session.acceptAuth("fuzz", List.of(), new byte[] {1});
    }

    @Override
    public void onMessage(Stream stream, ByteBuf message, boolean endStream) {
      if (message != null) {
        message.release();
      }
      if (endStream) {
        session.send(stream, UnpooledByteBufAllocator.DEFAULT.heapBuffer(0), true);
      }
    }

    @Override
    public void onReset(Stream stream, McpException error) {
      if (ended.contains(stream)) {
        throw new AssertionError("a stream ends twice");
      }
    }

    @Override
    public void onStreamClosed(Stream stream) {
      if (ended.contains(stream)) {
        throw new AssertionError("a stream ends twice");
      }
      ended.add(stream);
    }

    @Override
    public void onClosed(McpException errorOrNull) {
      closed++;
    }
  }
}

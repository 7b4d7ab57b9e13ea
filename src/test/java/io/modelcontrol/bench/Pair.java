package io.modelcontrol.bench;

import io.modelcontrol.McpException;
import io.modelcontrol.session.FrameSink;
import io.modelcontrol.session.Session;
import io.modelcontrol.session.SessionConfig;
import io.modelcontrol.session.SessionListener;
import io.modelcontrol.session.SessionRole;
import io.modelcontrol.session.Stream;
import io.modelcontrol.wire.FrameType;
import io.modelcontrol.wire.Limits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Map;

/** A client's and a server's session, wired back to back: no bytes, no socket, no clock. */
final class Pair {
  /** Between two exchanges, so that no budget of frames is used up. */
  private static final long STEP_NANOS = 1_000_000;

  final End client;
  final End server;
  private long nowNanos = 1;

  /**
   * @param limits what both announce
   */
  Pair(Limits limits) {
    client = new End(SessionRole.CLIENT, limits);
    server = new End(SessionRole.SERVER, limits);
    client.start(nowNanos);
    server.start(nowNanos);
  }

  /** Carries frames to and fro until both are silent, at the next moment. */
  void exchange() {
    nowNanos += STEP_NANOS;
    client.session.advance(nowNanos);
    server.session.advance(nowNanos);
    boolean silent = false;
    while (!silent) {
      client.deliverTo(server);
      silent = !server.deliverTo(client);
    }
  }

  /** One of the two: answers each message of the other with the same, and keeps nothing. */
  static final class End implements FrameSink, SessionListener {
    private static final int MAX_FRAMES = 256;

    final Session session;
    private final boolean answers;
    private final FrameType[] types = new FrameType[MAX_FRAMES];
    private final int[] flags = new int[MAX_FRAMES];
    private final int[] streams = new int[MAX_FRAMES];
    private final ByteBuf[] payloads = new ByteBuf[MAX_FRAMES];
    private int written;
    long received;

    End(SessionRole role, Limits limits) {
      answers = role == SessionRole.SERVER;
      session = new Session(config(role, limits), this, this, PooledByteBufAllocator.DEFAULT);
    }

    private static SessionConfig config(SessionRole role, Limits limits) {
      return new SessionConfig(
          role, limits, Map.of(), Map.of(), "bench", "none", null, SessionConfig.Timeouts.DEFAULT);
    }

    private void start(long nowNanos) {
      session.advance(nowNanos);
      session.connect();
      session.onConnected();
    }

    /** Whether there was anything. */
    private boolean deliverTo(End other) {
      int count = written;
      for (int i = 0; i < written; i++) {
        ByteBuf payload = payloads[i];
        payloads[i] = null;
        other.session.onFrame(types[i], flags[i], streams[i], payload);
      }
      written = 0;
      return count > 0;
    }

    @Override
    public void write(FrameType type, int frameFlags, int streamId, ByteBuf payload) {
      types[written] = type;
      flags[written] = frameFlags;
      streams[written] = streamId;
      payloads[written++] = payload == null ? Unpooled.EMPTY_BUFFER : payload;
    }

    @Override
    public boolean isWritable() {
      return true;
    }

    @Override
    public void close() {
      // The session says so to its listener, too.
    }

    @Override
    public void onReady() {
      // Nobody waits for it.
    }

    @Override
    public void onAuthRequest(String method, byte[] credential) {
      session.acceptAuth("somebody", List.of("role"), null);
    }

    @Override
    public void onMessage(Stream stream, ByteBuf message, boolean endStream) {
      received++;
      if (answers && endStream) {
        session.send(stream, message, true);
      } else if (message != null) {
        message.release();
      }
    }

    @Override
    public void onReset(Stream stream, McpException error) {
      throw new IllegalStateException("a stream was reset", error);
    }

    @Override
    public void onClosed(McpException errorOrNull) {
      if (errorOrNull != null) {
        throw new IllegalStateException("a session failed", errorOrNull);
      }
    }
  }
}

package io.modelcontrol.sim;

import io.modelcontrol.McpException;
import io.modelcontrol.session.FrameSink;
import io.modelcontrol.session.SessionState;
import io.modelcontrol.wire.FrameDecoder;
import io.modelcontrol.wire.FrameEncoder;
import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameListener;
import io.modelcontrol.wire.FrameType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * One end of a simulated connection: does for a session what a transport does, with the real
 * encoder and decoder.
 */
final class Transport implements FrameSink, FrameListener {
  final Simulation sim;
  final int number;
  private final Clock clock;
  private final Connection.Pipe out;
  private final String name;
  final Connection connection;
  private final FrameEncoder encoder = new FrameEncoder();
  private final FrameDecoder decoder = new FrameDecoder(this);
  private final ByteBuf header;
  private SessionEnd end;

  /** What the session writes to: this, or something that does damage on the way here. */
  final FrameSink sink;

  private boolean closing;
  private long timerDueNanos = Long.MAX_VALUE;

  Transport(Connection connection, Clock clock, Connection.Pipe out, String name) {
    this.connection = connection;
    this.sim = connection.sim;
    this.clock = clock;
    this.out = out;
    this.name = name;
    this.number = (int) sim.tally.of(Tally.Count.CONNECTIONS);
    this.header = Unpooled.wrappedBuffer(new byte[FrameHeader.LENGTH]);
    this.sink = sim.sinks.apply(this);
  }

  /** The connection is there. */
  void start(SessionEnd newEnd) {
    end = newEnd;
    advance();
    end.session.onConnected();
    afterDrive();
  }

  /** The connection is another session's from now on. */
  void moveTo(SessionEnd newEnd) {
    end = newEnd;
    timerDueNanos = Long.MAX_VALUE;
  }

  boolean isClosed() {
    return closing;
  }

  /** Acts on the session, at the present time. */
  void drive(Runnable action) {
    advance();
    action.run();
    afterDrive();
  }

  void advance() {
    end.session.advance(clock.nowNanos());
  }

  /** The clock may have jumped. */
  void wake() {
    if (!closing && end != null) {
      afterDrive();
    }
  }

  void received(ByteBuf bytes) {
    if (closing || end == null || end.session.state() == SessionState.CLOSED) {
      bytes.release();
      return;
    }
    advance();
    try {
      decoder.decode(bytes);
    } catch (McpException e) {
      throw new AssertionError("what was sent is not understood: " + e, e);
    }
    if (!closing && end.session.state() != SessionState.CLOSED) {
      end.session.onPartialFrame(decoder.inFrame(), !decoder.inHeader());
      afterDrive();
    }
  }

  @Override
  public void onFrame(FrameType type, int flags, int streamId, ByteBuf payload) {
    if (sim.isTracing()) {
      sim.trace(name + number + " <- " + text(type, flags, streamId, payload));
    }
    if (closing) {
      payload.release();
      return;
    }
    sim.tally.add(Tally.Count.FRAMES);
    SessionEnd receiver = end;
    receiver.heard();
    receiver.audit().onReceived(receiver.isServer(), type, flags, streamId, payload);
    receiver.session.onFrame(type, flags, streamId, payload);
    receiver.checkCredit(type, streamId);
  }

  @Override
  public void onExtension(int type) {
    throw new AssertionError("nobody sends the extension " + type);
  }

  void writable() {
    if (!closing && end != null && end.session.state() != SessionState.CLOSED) {
      drive(end.session::onWritable);
    }
  }

  /** The connection is lost, or the peer has closed it. */
  void disconnected(McpException error) {
    if (closing || end == null) {
      closing = true;
      return;
    }
    closing = true;
    decoder.release();
    advance();
    end.disconnected(error);
  }

  @Override
  public void write(FrameType type, int flags, int streamId, ByteBuf payloadOrNull) {
    ByteBuf payload = payloadOrNull == null ? Unpooled.EMPTY_BUFFER : payloadOrNull;
    if (!closing) {
      if (sim.isTracing()) {
        sim.trace(name + number + " -> " + text(type, flags, streamId, payload));
      }
      end.audit().onWritten(end.isServer(), type, flags, streamId, payload);
      header.setIndex(0, 0);
      encoder.header(header, type.code(), flags, streamId, payload);
      out.write(header);
      if (payload.isReadable()) {
        out.write(payload);
      }
    }
    payload.release();
  }

  private static String text(FrameType type, int flags, int streamId, ByteBuf payload) {
    return type + " stream " + streamId + " flags " + flags + " " + payload.readableBytes() + " B";
  }

  @Override
  public boolean isWritable() {
    return out.isWritable();
  }

  @Override
  public void close() {
    if (!closing) {
      closing = true;
      decoder.release();
      out.finish();
    }
  }

  void afterDrive() {
    if (closing || end.session.state() == SessionState.CLOSED) {
      return;
    }
    long next = end.session.advance(clock.nowNanos());
    if (next == Long.MAX_VALUE || closing) {
      return;
    }
    long due = sim.nowNanos() + next;
    if (due < timerDueNanos) {
      timerDueNanos = due;
      sim.timer(next, () -> onTimer(due));
    }
  }

  private void onTimer(long due) {
    if (due == timerDueNanos) {
      timerDueNanos = Long.MAX_VALUE;
      afterDrive();
    }
  }
}

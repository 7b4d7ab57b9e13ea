package io.modelcontrol.testing;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.session.SessionConfig;
import io.modelcontrol.wire.ErrorFields;
import io.modelcontrol.wire.FrameDecoder;
import io.modelcontrol.wire.FrameEncoder;
import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameListener;
import io.modelcontrol.wire.FrameType;
import io.modelcontrol.wire.Limits;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageEncoder;
import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.Negotiation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A client that sends whatever frames it is told to, and obeys no rule: it opens a session, and
 * from there reads on its own thread, or not at all.
 */
public final class RawPeer implements AutoCloseable {
  private static final int RECEIVE_BUFFER_BYTES = 16 * 1024;
  private static final int OPENING_TIMEOUT_MS = 20_000;

  private final Socket socket = new Socket();
  private final FrameEncoder encoder = new FrameEncoder();
  private final OutputStream out;
  private final Queue<ErrorCode> resets = new ConcurrentLinkedQueue<>();
  private final CountDownLatch ready = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final CountDownLatch pong = new CountDownLatch(1);
  private volatile ErrorCode goaway;
  private volatile long endedNanos;

  /** Opens a session that announces these limits. */
  public RawPeer(int port, Limits announced) throws IOException {
    socket.setReceiveBufferSize(RECEIVE_BUFFER_BYTES);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    out = new BufferedOutputStream(socket.getOutputStream(), 64 * 1024);
    Negotiation offer =
        new Negotiation(
            SessionConfig.VERSION, SessionConfig.VERSION, Map.of(), Map.of(), announced, "raw");
    message(0, Message.of(MessageType.NEGOTIATE_REQ).negotiation(offer), false);
    message(0, Message.of(MessageType.AUTH_REQ).authMethod("none"), false);
    out.flush();
    socket.setSoTimeout(OPENING_TIMEOUT_MS);
    FrameDecoder decoder = new FrameDecoder(new Frames());
    while (ready.getCount() > 0) {
      if (!read(decoder)) {
        throw new IOException("the server ended the session while it was opened");
      }
    }
    socket.setSoTimeout(0);
  }

  /** Reads what the server sends from now on, until it closes. */
  public void startReading() {
    Thread reader =
        new Thread(
            () -> {
              FrameDecoder decoder = new FrameDecoder(new Frames());
              try {
                boolean open = true;
                while (open) {
                  open = read(decoder);
                }
              } catch (IOException closed) {
                assert closed.getMessage() != null;
              }
              endedNanos = System.nanoTime();
              ended.countDown();
              decoder.release();
            },
            "raw-peer");
    reader.setDaemon(true);
    reader.start();
  }

  private boolean read(FrameDecoder decoder) throws IOException {
    InputStream in = socket.getInputStream();
    byte[] bytes = new byte[8192];
    int length = in.read(bytes);
    if (length > 0) {
      decoder.decode(Unpooled.wrappedBuffer(bytes, 0, length));
    }
    return length >= 0;
  }

  /** Writes a frame; false once the connection is gone. */
  public boolean frame(int type, int flags, int streamId, byte[] payload) {
    ByteBuf frame = Unpooled.buffer(FrameHeader.LENGTH + payload.length);
    encoder.header(frame, type, flags, streamId, Unpooled.wrappedBuffer(payload));
    frame.writeBytes(payload);
    try {
      out.write(frame.array(), 0, frame.readableBytes());
      return true;
    } catch (IOException closed) {
      return false;
    }
  }

  public boolean frame(FrameType type, int flags, int streamId, byte[] payload) {
    return frame(type.code(), flags, streamId, payload);
  }

  /** Writes a message, in frames as large as they may be. */
  public boolean message(int streamId, Message message, boolean endStream) {
    ByteBuf encoded = MessageEncoder.encode(message, UnpooledByteBufAllocator.DEFAULT);
    byte[] bytes = ByteBufUtil.getBytes(encoded);
    encoded.release();
    return message(streamId, bytes, endStream);
  }

  /** Writes the bytes of a message, in frames as large as they may be. */
  public boolean message(int streamId, byte[] bytes, boolean endStream) {
    boolean open = true;
    for (int from = 0; open && from < bytes.length; ) {
      int to = Math.min(bytes.length, from + FrameHeader.MAX_PAYLOAD);
      byte[] part = Arrays.copyOfRange(bytes, from, to);
      int end = FrameHeader.END_MESSAGE | (endStream ? FrameHeader.END_STREAM : 0);
      open = frame(FrameType.DATA, to == bytes.length ? end : 0, streamId, part);
      from = to;
    }
    return open;
  }

  /** Sends what was written; false once the connection is gone. */
  public boolean flush() {
    try {
      out.flush();
      return true;
    } catch (IOException closed) {
      return false;
    }
  }

  public boolean hasEnded() {
    return ended.getCount() == 0;
  }

  /** Waits for the server to close; false if it does not in time. */
  public boolean awaitEnd(long ms) throws InterruptedException {
    return ended.await(ms, TimeUnit.MILLISECONDS);
  }

  /** Waits until the server has handled all that was sent, by a ping behind it. */
  public boolean awaitHandled(long ms) throws InterruptedException {
    frame(FrameType.PING, 0, 0, new byte[Long.BYTES]);
    flush();
    return pong.await(ms, TimeUnit.MILLISECONDS);
  }

  /** When the connection ended, as {@link System#nanoTime}. */
  public long endedNanos() {
    return endedNanos;
  }

  /** Why the server ended the session; {@code null} if it did not say. */
  public ErrorCode goaway() {
    return goaway;
  }

  /** The codes of the streams that the server has reset, in order. */
  public Queue<ErrorCode> resets() {
    return resets;
  }

  @Override
  public void close() {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException gone) {
      assert gone.getMessage() != null;
    }
  }

  private final class Frames implements FrameListener {
    private int sessionMessages;

    @Override
    public void onFrame(FrameType type, int flags, int streamId, ByteBuf payload) {
      try {
        if (type == FrameType.DATA && streamId == 0 && ++sessionMessages == 2) {
          ready.countDown();
        } else if (type == FrameType.PING) {
          pong.countDown();
        } else if (type == FrameType.RESET) {
          resets.add(ErrorFields.decodeReset(payload).code());
        } else if (type == FrameType.GOAWAY) {
          McpException error = ErrorFields.decodeGoaway(payload).error();
          goaway = error == null ? ErrorCode.OK : error.code();
        }
      } finally {
        payload.release();
      }
    }
  }
}

package io.modelcontrol.session.transport;

import io.modelcontrol.McpException;
import io.modelcontrol.session.FrameSink;
import io.modelcontrol.session.HeldObjects;
import io.modelcontrol.session.Session;
import io.modelcontrol.session.SessionConfig;
import io.modelcontrol.session.SessionListener;
import io.modelcontrol.session.Stream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.vertx.core.Handler;
import io.vertx.core.internal.ContextInternal;

/**
 * A session on a connected socket, as the client and the server use it: it drives the session on
 * its context and hands out {@link McpStream}s. Where both ends can resume, the session goes on
 * over one socket after the other.
 */
public final class SessionConnection {
  /** What the owner of a connection is told, on its context. */
  public interface Listener {
    void onReady();

    /** Server only: see {@link SessionListener#onAuthRequest}. */
    default void onAuthRequest(String method, byte[] credential) {}

    /** Server only: see {@link SessionListener#onResumeRequest}. */
    default void onResumeRequest(String method, byte[] credential, byte[] token, long received) {}

    /** Client only: see {@link SessionListener#onResumed}. */
    default void onResumed(long received, byte[] nextToken) {}

    /** The socket is lost; the session waits for {@link #attach}, or for its end. */
    default void onDetached(McpException error) {}

    /** The peer opened a stream; its first message follows right after, to the stream's handler. */
    default void onStream(McpStream stream) {}

    /** A stream of this end has ended, so that another may be opened. */
    default void onStreamClosed() {}

    default void onPong(long payload) {}

    /** The peer accepts no more streams. */
    default void onGoaway() {}

    void onClosed(McpException errorOrNull);
  }

  private final ContextInternal context;
  private final Listener listener;
  private final ByteBufAllocator allocator;
  private TcpTransport transport;
  private final Session session;
  private final int maxMessageBytes;
  private final HeldObjects held = new HeldObjects();

  public SessionConnection(
      ContextInternal context,
      SessionConfig config,
      ByteBufAllocator allocator,
      Listener listener) {
    this.context = context;
    this.listener = listener;
    this.allocator = allocator;
    this.transport = new TcpTransport(context, System::nanoTime);
    this.maxMessageBytes = config.limits().maxMessageSize();
    this.session = new Session(config, transport, new Events(), allocator);
    session.connect();
  }

  /** Starts on a socket that is connected, and with TLS through its handshake. */
  public void start(ChannelHandlerContext vertxHandler) {
    transport.start(session, vertxHandler);
  }

  public ContextInternal context() {
    return context;
  }

  public Session session() {
    return session;
  }

  /** The messages of all streams that the application has not taken. */
  HeldObjects held() {
    return held;
  }

  ByteBufAllocator allocator() {
    return allocator;
  }

  /**
   * Goes on over the socket of a session that was opened for it; called on the context of that one,
   * which ends without a word.
   *
   * @param peerReceived sequenced frames of this session that the peer has
   * @param nextToken to resume with the next time
   * @return false if the other session could not give its socket away, and has failed
   */
  public boolean attach(SessionConnection opened, long peerReceived, byte[] nextToken) {
    FrameSink[] handedOver = new FrameSink[1];
    opened.drive(() -> handedOver[0] = opened.session.resumption().handOver());
    if (handedOver[0] == null) {
      return false;
    }
    TcpTransport next = opened.transport;
    next.moveTo(context, session);
    context.emit(
        next,
        connected -> {
          transport = connected;
          drive(() -> session.resumption().attach(connected, peerReceived, nextToken));
        });
    return true;
  }

  /** Runs an action on the session now; only on the session's context. */
  public void drive(Runnable action) {
    transport.drive(action);
  }

  boolean send(Stream stream, ByteBuf message, boolean endStream, boolean compressed) {
    return transport.send(stream, message, endStream, compressed);
  }

  /** What this end accepts of one message. */
  int maxMessageBytes() {
    return maxMessageBytes;
  }

  /** Hands an event to the application, whose errors go to the context. */
  <T> void dispatch(Handler<T> handler, T event) {
    if (!transport.isReading()) {
      context.dispatch(event, handler);
      return;
    }
    try {
      handler.handle(event);
    } catch (Throwable failure) {
      context.reportException(failure);
    }
  }

  /**
   * Opens a stream.
   *
   * @throws McpException REFUSED_STREAM if none can be opened now
   */
  public McpStream openStream() {
    return new SessionStream(this, session.openStream());
  }

  private final class Events implements SessionListener {
    @Override
    public void onReady() {
      listener.onReady();
    }

    @Override
    public void onAuthRequest(String method, byte[] credential) {
      listener.onAuthRequest(method, credential);
    }

    @Override
    public void onResumeRequest(String method, byte[] credential, byte[] token, long received) {
      listener.onResumeRequest(method, credential, token, received);
    }

    @Override
    public void onResumed(long received, byte[] nextToken) {
      listener.onResumed(received, nextToken);
    }

    @Override
    public void onDetached(McpException error) {
      listener.onDetached(error);
    }

    @Override
    public void onMessage(Stream stream, ByteBuf message, boolean endStream) {
      SessionStream known = (SessionStream) stream.attachment();
      if (known == null) {
        known = new SessionStream(SessionConnection.this, stream);
        listener.onStream(known);
      }
      known.onMessage(message, endStream);
    }

    @Override
    public void onReset(Stream stream, McpException error) {
      if (stream.attachment() instanceof SessionStream known) {
        known.onReset(error);
      }
    }

    @Override
    public void onDrained(Stream stream) {
      if (stream.attachment() instanceof SessionStream known) {
        known.onDrained();
      }
    }

    @Override
    public void onStreamClosed(Stream stream) {
      listener.onStreamClosed();
    }

    @Override
    public void onPong(long payload) {
      listener.onPong(payload);
    }

    @Override
    public void onGoaway(McpException errorOrNull) {
      listener.onGoaway();
    }

    @Override
    public void onClosed(McpException errorOrNull) {
      listener.onClosed(errorOrNull);
    }
  }
}

package io.modelcontrol.session;

import io.modelcontrol.McpException;
import io.netty.buffer.ByteBuf;

/** What a session tells its owner, on the thread that drives it. */
public interface SessionListener {
  /** The session is Ready: streams may be opened. */
  void onReady();

  /**
   * Server only: the client presents a credential. Answer with {@link Session#acceptAuth} or {@link
   * Session#refuseAuth}, now or later.
   *
   * @param method as on the wire: none, mtls, token
   * @param credential what the method asks for; {@code null} where nothing came
   */
  default void onAuthRequest(String method, byte[] credential) {}

  /**
   * A whole message arrived on a stream.
   *
   * @param message owned by the listener from now on; {@code null} where the peer half-closed
   *     without a further message
   * @param endStream whether the peer sends nothing more on this stream
   */
  void onMessage(Stream stream, ByteBuf message, boolean endStream);

  /** A stream ended early: by the peer's RESET, by an error on it, or with the session. */
  void onReset(Stream stream, McpException error);

  /** What was queued on a stream has fallen below its low-water mark. */
  default void onDrained(Stream stream) {}

  /** A place for one more stream of ours has become free. */
  default void onStreamClosed(Stream stream) {}

  /** The peer answered a ping. */
  default void onPong(long payload) {}

  /** The peer drains the session: it accepts no more streams. */
  default void onGoaway(McpException errorOrNull) {}

  /** The session has ended; called once, after every open stream was told. */
  void onClosed(McpException errorOrNull);
}

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
   * Server only: the client presents a credential and wants to go on with an earlier session. Look
   * for it, then {@link Resumption#handOver} this connection to it, or {@link Session#refuseAuth}.
   *
   * @param token of the earlier session
   * @param received sequenced frames of the earlier session that the client has; below 0 if it does
   *     not tell
   */
  default void onResumeRequest(String method, byte[] credential, byte[] token, long received) {}

  /**
   * Client only: the server goes on with the earlier session. {@link Resumption#handOver} this
   * connection to it.
   *
   * @param received sequenced frames of the earlier session that the server has
   * @param nextToken for the next time
   */
  default void onResumed(long received, byte[] nextToken) {}

  /**
   * The connection is lost; the session waits for another one: {@link Resumption#attach}, or an
   * end.
   */
  default void onDetached(McpException error) {}

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

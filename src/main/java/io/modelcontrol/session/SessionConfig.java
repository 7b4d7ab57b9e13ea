package io.modelcontrol.session;

import io.modelcontrol.wire.Limits;
import io.modelcontrol.wire.MessageCompressor;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a session is told when it is made.
 *
 * @param role which end it is
 * @param limits what it accepts from the peer
 * @param capabilities what it offers
 * @param extensions passed to the peer untouched
 * @param agent a name for the peer's log
 * @param authMethod client only: the method of its AUTH_REQ
 * @param credential client only: what the method asks for, or {@code null}
 * @param timeouts of the handshake and of single frames
 * @param resume client only: the session that it wants to go on with; {@code null} for a new one
 */
public record SessionConfig(
    SessionRole role,
    Limits limits,
    Map<String, Boolean> capabilities,
    Map<String, byte[]> extensions,
    String agent,
    String authMethod,
    byte[] credential,
    Timeouts timeouts,
    Resume resume) {

  /** The capability to go on with a session over another connection. */
  public static final String RESUME = "resume";

  /** The capability to take messages that are compressed, by the name of the algorithm. */
  public static final String ZSTD = MessageCompressor.ZSTD;

  /** Version 1.0, the only one so far: {@code major << 8 | minor}. */
  public static final int VERSION = 1 << 8;

  /**
   * No server announces a smaller stream window; a client's first flight stays below. Contract 2.
   */
  public static final int MIN_STREAM_WINDOW = 64 * 1024;

  /** No server announces a smaller session window; a client's first flight stays below. */
  public static final int MIN_SESSION_WINDOW = 256 * 1024;

  /** The largest message on stream 0. */
  public static final int MAX_SESSION_MESSAGE = 64 * 1024;

  /** Defaults of what is accepted: see the guide, "Limits". */
  public static final Limits DEFAULT_LIMITS =
      new Limits(128, 1024 * 1024, 8 * 1024 * 1024, 64 * 1024 * 1024, 30_000);

  /** A session that begins anew. */
  public SessionConfig(
      SessionRole role,
      Limits limits,
      Map<String, Boolean> capabilities,
      Map<String, byte[]> extensions,
      String agent,
      String authMethod,
      byte[] credential,
      Timeouts timeouts) {
    this(role, limits, capabilities, extensions, agent, authMethod, credential, timeouts, null);
  }

  /** The same with one capability more. */
  public SessionConfig with(String capability) {
    Map<String, Boolean> more = new TreeMap<>(capabilities);
    more.put(capability, true);
    return new SessionConfig(
        role, limits, more, extensions, agent, authMethod, credential, timeouts, resume);
  }

  /** The same for a connection that an earlier session shall go on over. */
  public SessionConfig resuming(Resume earlier) {
    return new SessionConfig(
        role, limits, capabilities, extensions, agent, authMethod, credential, timeouts, earlier);
  }

  /**
   * What a client tells of an earlier session.
   *
   * @param token the last that it has got
   * @param received sequenced frames of the session that have arrived
   */
  public record Resume(byte[] token, long received) {}

  /**
   * How long the peer may take, in nanoseconds.
   *
   * @param handshakeNanos from the connected transport to Ready
   * @param headerNanos for the 16 bytes of a header, once its first byte came
   * @param frameNanos for a whole frame
   * @param messageNanos for an unfinished message to get on, unless its reader paused
   * @param stallNanos server only: to take what the server holds for it; 0 is for ever
   */
  public record Timeouts(
      long handshakeNanos, long headerNanos, long frameNanos, long messageNanos, long stallNanos) {
    private static final long SECOND = 1_000_000_000L;

    /** 10 s, 5 s, 15 s, 30 s, 30 s: hostile input must not pin a session. */
    public static final Timeouts DEFAULT =
        new Timeouts(10 * SECOND, 5 * SECOND, 15 * SECOND, 30 * SECOND, 30 * SECOND);

    /** Those of an end that waits for ever for its peer to take what it sends. */
    public Timeouts(long handshakeNanos, long headerNanos, long frameNanos, long messageNanos) {
      this(handshakeNanos, headerNanos, frameNanos, messageNanos, 0);
    }
  }
}

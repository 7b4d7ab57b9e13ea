package io.modelcontrol.session;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;

/**
 * How a session outlives its connection. Specification, "Resume". A Ready session that has lost its
 * connection is detached: it and its streams live on, and nothing can be sent. The client opens
 * another connection, with a session of its own for the opening, which {@linkplain #handOver hands
 * the connection over} to the earlier one; that goes on at the very frame where each end has
 * stopped.
 */
public final class Resumption {
  private final Session session;
  private final SessionConfig config;
  private final Link link;
  private final Handshake handshake;
  private final Liveness liveness;
  private final Inbound inbound;
  private final StreamTable streams;

  Resumption(
      Session session,
      SessionConfig config,
      Link link,
      Handshake handshake,
      Liveness liveness,
      Inbound inbound,
      StreamTable streams) {
    this.session = session;
    this.config = config;
    this.link = link;
    this.handshake = handshake;
    this.liveness = liveness;
    this.inbound = inbound;
    this.streams = streams;
  }

  /** Whether both ends can resume. */
  public boolean isNegotiated() {
    return link.isResumable();
  }

  /** Whether the session outlives its connection: it is Ready, and has a token. */
  public boolean isPossible() {
    return session.state() == SessionState.READY && handshake.token() != null;
  }

  /** Whether the session has a connection now. */
  public boolean isAttached() {
    return link.isAttached();
  }

  /**
   * Whether the peer was heard on the last connection of the session, so that it has the token that
   * it was sent on it.
   */
  public boolean isHeard() {
    return link.isHeard();
  }

  /** Client only: what the opening of the next connection tells of this session. */
  public SessionConfig.Resume request() {
    return new SessionConfig.Resume(handshake.token(), link.received());
  }

  /** Whether this session can go on for a peer that has received so many sequenced frames. */
  public boolean isPossibleFrom(long peerReceived) {
    return isPossible() && link.canResumeFrom(peerReceived);
  }

  /**
   * Gives the connection away to an earlier session; this one ends without a word.
   *
   * @return the connection; {@code null} if the peer has sent more than the opening, which ends
   *     this session by an error
   */
  public FrameSink handOver() {
    if (session.state() != SessionState.AUTH_PENDING || !streams.isEmpty()) {
      session.fail(
          McpException.sessionError(
              ErrorCode.PROTOCOL_ERROR, "nothing may be sent before a session is resumed"));
      return null;
    }
    FrameSink connection = link.detach();
    session.endSilently();
    return connection;
  }

  /**
   * Goes on over another connection. One that the session still has is closed, and so is the new
   * one if the session cannot go on.
   *
   * @param peerReceived sequenced frames that the peer has; see {@link #isPossibleFrom}
   * @param token to resume with the next time
   */
  public void attach(FrameSink connection, long peerReceived, byte[] token) {
    if (!isPossibleFrom(peerReceived)) {
      connection.close();
      return;
    }
    link.attach(connection);
    liveness.onAttached(session.nowNanos());
    inbound.postponeAll(session.nowNanos());
    if (config.role() == SessionRole.SERVER) {
      handshake.acceptResume(token, link.received());
    } else {
      handshake.token(token);
      link.tell();
    }
    link.replay(peerReceived);
    session.runOutbound();
  }

  /** Bytes that are kept for the peer: sent and perhaps not received, or waiting to be sent. */
  public long heldBytes() {
    return link.heldBytes() + streams.snapshot().stream().mapToLong(Stream::queuedBytes).sum();
  }

  /** The connection is lost. */
  void detach(SessionListener listener, McpException error) {
    FrameSink last = link.detach();
    if (last != null) {
      last.close();
      listener.onDetached(error);
    }
  }
}

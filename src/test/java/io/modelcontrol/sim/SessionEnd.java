package io.modelcontrol.sim;

import static io.modelcontrol.sim.Simulation.check;

import io.modelcontrol.McpException;
import io.modelcontrol.session.Session;
import io.modelcontrol.session.SessionConfig;
import io.modelcontrol.session.SessionListener;
import io.modelcontrol.session.SessionRole;
import io.modelcontrol.session.SessionState;
import io.modelcontrol.session.SessionTokens;
import io.modelcontrol.session.Stream;
import io.modelcontrol.wire.FrameType;
import io.modelcontrol.wire.Limits;
import io.netty.buffer.ByteBuf;
import java.util.Map;

/** One end of a session: hears what the session tells, and passes it to whom it concerns. */
final class SessionEnd implements SessionListener {
  private static final Map<String, Boolean> RESUME = Map.of(SessionConfig.RESUME, true);

  final Simulation sim;
  final Scenario scenario;
  final Host host;
  final Conversation conversation;
  final Session session;
  Transport transport;

  /** Server only. */
  SessionTokens tokens;

  /** Server only: what the connection was resumed with, until the client is heard on it. */
  byte[] unproven;

  int detachments;
  boolean givenUp;
  private boolean closed;
  private final boolean opening;

  SessionEnd(
      Host host, Conversation conversation, Transport transport, SessionConfig.Resume earlier) {
    this.sim = host.sim;
    this.scenario = host.scenario;
    this.host = host;
    this.conversation = conversation;
    this.transport = transport;
    this.opening = earlier != null;
    Limits limits = host.isServer() ? scenario.serverLimits : scenario.clientLimits;
    SessionConfig config =
        new SessionConfig(
            host.isServer() ? SessionRole.SERVER : SessionRole.CLIENT,
            limits,
            scenario.resume ? RESUME : Map.of(),
            Map.of(),
            "sim",
            "none",
            null,
            SessionConfig.Timeouts.DEFAULT,
            earlier);
    if (host.isServer()) {
      conversation.server = this;
    } else {
      conversation.client = this;
    }
    this.session = new Session(config, transport.sink, this, sim.allocator());
    session.connect();
    sim.add(this);
  }

  /** The session at the other end; {@code null} while nobody has heard of one. */
  SessionEnd peer() {
    return isServer() ? conversation.client : conversation.server;
  }

  boolean isServer() {
    return host.isServer();
  }

  Audit audit() {
    return conversation.audit;
  }

  /** Acts on the session, which may have no connection now. */
  void drive(Runnable action) {
    session.advance(host.clock.nowNanos());
    action.run();
    transport.afterDrive();
  }

  /** A frame of the peer has come. */
  void heard() {
    if (unproven != null) {
      host.onTokenConsumed(unproven);
      unproven = null;
    }
  }

  /** Goes on over another connection. */
  void goOn(Transport next, Runnable attach) {
    transport = next;
    next.moveTo(this);
    drive(attach);
    check(
        session.resumption().isAttached() || session.state() == SessionState.CLOSED,
        "a session does not go on");
    sim.tally.add(Tally.Count.RESUMED);
  }

  void disconnected(McpException error) {
    boolean survives = session.state() == SessionState.READY && session.resumption().isPossible();
    boolean mustSurvive = session.state() == SessionState.READY && scenario.resume;
    session.onDisconnected(error);
    check(survives || !mustSurvive, "a session cannot be resumed");
    check(
        !survives || givenUp || session.state() == SessionState.READY,
        "a session ends with a connection");
  }

  void checkCredit(FrameType type, int streamId) {
    if (type != FrameType.DATA
        || streamId == 0
        || session.state() != SessionState.READY
        || !session.resumption().isAttached()) {
      return;
    }
    if (!isServer() || !scenario.crowded) {
      audit().checkSessionGranted(isServer());
    }
    StreamEnd opener = conversation.openers.get(streamId);
    StreamEnd here = opener == null || opener.owner == this ? opener : opener.peer();
    if (here != null) {
      checkStreamCredit(here);
    }
  }

  void checkStreamCredit(StreamEnd here) {
    if (here.isRead() && session.resumption().isAttached()) {
      audit().checkStreamGranted(isServer(), here.stream.id());
    }
  }

  @Override
  public void onReady() {
    trace("ready");
    host.onReady(this);
  }

  @Override
  public void onAuthRequest(String method, byte[] credential) {
    host.onAuthRequest(this);
  }

  @Override
  public void onResumeRequest(String method, byte[] credential, byte[] token, long received) {
    host.onResumeRequest(this, token, received);
  }

  @Override
  public void onResumed(long received, byte[] nextToken) {
    host.onResumed(this, received, nextToken);
  }

  @Override
  public void onDetached(McpException error) {
    trace("detached: " + error.code());
    sim.tally.add(Tally.Count.DETACHED);
    detachments++;
    host.onDetached(this);
  }

  @Override
  public void onMessage(Stream stream, ByteBuf message, boolean endStream) {
    StreamEnd known = (StreamEnd) stream.attachment();
    (known == null ? StreamEnd.accept(this, stream) : known).onMessage(message, endStream);
  }

  @Override
  public void onReset(Stream stream, McpException error) {
    if (stream.attachment() instanceof StreamEnd known) {
      if (sim.isTracing()) {
        trace("stream " + stream.id() + " reset: " + error);
      }
      known.onReset(error);
    }
  }

  @Override
  public void onDrained(Stream stream) {
    ((StreamEnd) stream.attachment()).onDrained();
  }

  @Override
  public void onStreamClosed(Stream stream) {
    if (stream.attachment() instanceof StreamEnd known) {
      if (sim.isTracing()) {
        trace("stream " + stream.id() + " ended");
      }
      known.onClosed();
    }
    host.onPlaceFree(this);
  }

  @Override
  public void onGoaway(McpException errorOrNull) {
    check(conversation.draining, "an end drains that nobody asked to");
  }

  @Override
  public void onClosed(McpException errorOrNull) {
    trace("closed: " + errorOrNull);
    check(!closed, "a session ends twice");
    check(session.openStreams() == 0, "a session ends with open streams");
    closed = true;
    if (errorOrNull != null) {
      checkReason(errorOrNull);
    }
    host.onClosed(this, errorOrNull);
  }

  private void checkReason(McpException error) {
    switch (error.code()) {
      case NETWORK_CONNECTION_RESET, NETWORK_CONNECTION_CLOSED -> {}
      case RESUME_REJECTED -> check(opening || isServer() || givenUp, "refused: " + error);
      case IDLE_TIMEOUT, NEGOTIATION_TIMEOUT, NETWORK_TIMEOUT ->
          check(scenario.losesTime(), "a session is too late although no time was lost: " + error);
      default -> throw new AssertionError("a session ends with " + error);
    }
  }

  private void trace(String what) {
    if (sim.isTracing()) {
      sim.trace((isServer() ? "server" : "client") + transport.number + " session " + what);
    }
  }
}

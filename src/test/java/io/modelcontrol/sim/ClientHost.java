package io.modelcontrol.sim;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.session.FrameSink;
import io.modelcontrol.session.SessionConfig;
import io.modelcontrol.session.SessionState;

/** Connects, goes on with a session that lost its connection, and begins anew where it cannot. */
final class ClientHost extends Host {
  private static final long RESUME_WITHIN = 60_000 * Scenario.MS;

  private final ServerHost server;
  private SessionEnd live;
  private SessionEnd opening;
  private long detachedNanos;
  private boolean finished;

  ClientHost(Simulation sim, Scenario scenario, ServerHost server) {
    super(sim, scenario);
    this.server = server;
  }

  @Override
  boolean isServer() {
    return false;
  }

  /** Begins a session. */
  void connect() {
    if (!finished) {
      sim.tally.add(Tally.Count.SESSIONS);
      live = open(null);
      live.transport.start(live);
    }
  }

  private SessionEnd open(SessionConfig.Resume earlier) {
    Connection connection = new Connection(sim, scenario, clock, server.clock);
    Conversation conversation = new Conversation(scenario, sim.tally);
    server.accept(connection, conversation);
    return new SessionEnd(this, conversation, connection.client, earlier);
  }

  @Override
  void onDetached(SessionEnd end) {
    if (finished) {
      end.givenUp = true;
      end.drive(end.session::close);
      return;
    }
    detachedNanos = sim.nowNanos();
    resumeLater();
  }

  private void resumeLater() {
    sim.after(sim.random.nextLong(100 * Scenario.MS), this::resume);
  }

  private void resume() {
    if (live == null
        || live.session.state() != SessionState.READY
        || live.session.resumption().isAttached()) {
      return;
    }
    if (sim.nowNanos() - detachedNanos > RESUME_WITHIN) {
      giveUp(
          McpException.sessionError(
              ErrorCode.NETWORK_CONNECTION_CLOSED, "the session could not be resumed in time"));
      return;
    }
    opening = open(live.session.resumption().request());
    opening.transport.start(opening);
  }

  private void giveUp(McpException error) {
    live.givenUp = true;
    live.drive(() -> live.session.fail(error));
  }

  @Override
  void onResumed(SessionEnd end, long received, byte[] nextToken) {
    if (end != opening || live == null || live.session.state() != SessionState.READY) {
      end.session.resumption().handOver().close();
      return;
    }
    FrameSink connection = end.session.resumption().handOver();
    opening = null;
    live.audit().attached(false, received);
    live.goOn(
        end.transport, () -> live.session.resumption().attach(connection, received, nextToken));
    onReady(live);
  }

  @Override
  void onClosed(SessionEnd end, McpException errorOrNull) {
    if (end == opening) {
      opening = null;
      if (live == null || live.session.state() != SessionState.READY) {
        return;
      }
      if (errorOrNull != null && errorOrNull.code() == ErrorCode.RESUME_REJECTED) {
        sim.tally.add(Tally.Count.RESUME_REJECTED);
        giveUp(errorOrNull);
      } else {
        resumeLater();
      }
    } else if (end == live) {
      live = null;
      current = null;
      opening = null;
      sim.after(sim.random.nextLong(50 * Scenario.MS), this::connect);
    }
  }

  @Override
  void wakeAll() {
    if (live != null) {
      live.transport.wake();
    }
    if (opening != null) {
      opening.transport.wake();
    }
  }

  /** Whether there is a session, and a connection. */
  boolean isConnected() {
    return current != null
        && current.session.state() == SessionState.READY
        && current.session.resumption().isAttached()
        && !current.transport.connection.isDead();
  }

  /** Connects no more. */
  void finish() {
    finished = true;
    if (live != null) {
      live.conversation.draining = true;
      live.drive(live.session::shutdown);
      if (live != null && !live.session.resumption().isAttached()) {
        live.drive(live.session::close);
      }
    }
    if (opening != null) {
      opening.drive(opening.session::close);
    }
  }
}

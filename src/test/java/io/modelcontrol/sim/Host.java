package io.modelcontrol.sim;

import io.modelcontrol.McpException;
import io.modelcontrol.session.Session;
import io.modelcontrol.session.SessionState;
import java.util.ArrayDeque;

/** Who owns sessions at one end: opens the streams that are planned as there is room for them. */
abstract class Host {
  final Simulation sim;
  final Scenario scenario;
  final Clock clock;

  /** The session that new streams are opened on; {@code null} while there is none. */
  SessionEnd current;

  private final ArrayDeque<Plan> waiting = new ArrayDeque<>();
  private int unfinished;

  Host(Simulation sim, Scenario scenario) {
    this.sim = sim;
    this.scenario = scenario;
    this.clock = new Clock(sim, sim.random.nextLong(1L << 40));
  }

  abstract boolean isServer();

  abstract void onClosed(SessionEnd end, McpException errorOrNull);

  abstract void onDetached(SessionEnd end);

  void onAuthRequest(SessionEnd end) {
    throw new AssertionError("a client is asked to authenticate its peer");
  }

  void onResumeRequest(SessionEnd end, byte[] token, long received) {
    throw new AssertionError("a client is asked to resume");
  }

  void onResumed(SessionEnd end, long received, byte[] nextToken) {
    throw new AssertionError("a server is told that it is resumed");
  }

  void onTokenConsumed(byte[] token) {
    throw new AssertionError("a client has no tokens to check");
  }

  void execute(StreamEnd request) {
    throw new AssertionError("a client executes nothing");
  }

  void onReady(SessionEnd end) {
    current = end;
    openWaiting();
  }

  /** Something that shall be done at some time. */
  void plan(Plan plan) {
    unfinished++;
    sim.after(sim.random.nextLong(300 * Scenario.MS), () -> begin(plan));
  }

  private void begin(Plan plan) {
    waiting.add(plan);
    openWaiting();
  }

  void onPlaceFree(SessionEnd end) {
    if (end == current && !waiting.isEmpty()) {
      sim.after(0, this::openWaiting);
    }
  }

  private void openWaiting() {
    while (!waiting.isEmpty() && current != null && current.session.canOpenStream()) {
      StreamEnd.open(current, waiting.poll());
    }
  }

  /** A stream of this end has ended. */
  void onStreamEnded(Plan plan, boolean whole) {
    if (!whole && plan.repeatable) {
      sim.tally.add(Tally.Count.REPEATED_REQUESTS);
      sim.after(sim.random.nextLong(200 * Scenario.MS), () -> begin(plan));
    } else {
      unfinished--;
    }
  }

  boolean isDone() {
    return unfinished == 0;
  }

  void jump(long nanos) {
    sim.tally.add(Tally.Count.CLOCK_JUMPS);
    if (sim.isTracing()) {
      sim.trace("clock of the " + (isServer() ? "server" : "client") + " jumps " + nanos);
    }
    clock.jump(nanos);
    wakeAll();
  }

  abstract void wakeAll();

  /** Lets the present session end: at once, or once its streams have. */
  void endCurrent(boolean drain) {
    if (current == null || current.session.state() != SessionState.READY) {
      return;
    }
    sim.tally.add(drain ? Tally.Count.DRAINS : Tally.Count.CLOSES);
    current.conversation.draining = true;
    Session session = current.session;
    current.drive(drain ? session::shutdown : session::close);
  }
}

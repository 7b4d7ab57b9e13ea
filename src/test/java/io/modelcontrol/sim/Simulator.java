package io.modelcontrol.sim;

import static io.modelcontrol.sim.Simulation.check;

import io.modelcontrol.session.FrameSink;
import io.modelcontrol.session.SessionState;
import java.util.List;
import java.util.function.UnaryOperator;

/** Runs seeds, one after the other; one for each thread. */
public final class Simulator {
  /** Longer than any limit of time in a session, several times over. */
  private static final long LONGEST = 3_600_000 * Scenario.MS;

  private static final long UNTIL_TOLD = 1_000 * Scenario.MS;

  private final Tally tally = new Tally();
  private final Content content = new Content();
  private final UnaryOperator<FrameSink> sinks;

  /** Without damage other than that of the network. */
  public Simulator() {
    this(UnaryOperator.identity());
  }

  /**
   * @param sinks put in front of each connection, to do damage
   */
  Simulator(UnaryOperator<FrameSink> sinks) {
    this.sinks = sinks;
  }

  public Tally tally() {
    return tally;
  }

  /**
   * Runs a seed.
   *
   * @throws AssertionError if something does not hold, with what led to it
   */
  public void run(long seed) {
    try {
      run(new Simulation(seed, tally, content, sinks, false));
    } catch (RuntimeException | AssertionError found) {
      throw new AssertionError("seed " + seed + ": " + found + replay(seed), found);
    }
  }

  /** The same seed again, and what happens in it. */
  private String replay(long seed) {
    Simulation again = new Simulation(seed, new Tally(), content, sinks, true);
    try {
      run(again);
      return "\nThe second run of the seed found nothing.";
    } catch (RuntimeException | AssertionError found) {
      List<String> trace = again.traced();
      trace.add(0, "");
      trace.add(found.toString());
      return String.join("\n", trace);
    }
  }

  private static void run(Simulation sim) {
    Scenario scenario = new Scenario(sim.random);
    ServerHost server = new ServerHost(sim, scenario);
    ClientHost client = new ClientHost(sim, scenario, server);
    plan(sim, scenario, client, server);
    client.connect();
    while (!client.isDone() || !server.isDone()) {
      check(sim.step(LONGEST), "what was planned is never done");
    }
    settle(sim, scenario, client);
    client.finish();
    while (sim.openSessions() > 0 || !sim.isAtRest()) {
      check(sim.step(LONGEST), "a session does not end");
    }
    check(sim.heldBytes() == 0, sim.heldBytes() + " bytes are never released");
    sim.tally.addSimulated(sim.nowNanos());
  }

  private static void plan(
      Simulation sim, Scenario scenario, ClientHost client, ServerHost server) {
    int number = 0;
    for (int i = 0; i < scenario.plans; i++) {
      client.plan(new Plan(number++, true, sim.random));
    }
    for (int i = 0; i < scenario.serverPlans; i++) {
      server.plan(new Plan(number++, false, sim.random));
    }
    for (int i = 0; i < scenario.clockJumps; i++) {
      Host host = sim.random.nextBoolean() ? client : server;
      long nanos = sim.random.nextLong(1_000 * Scenario.MS << sim.random.nextInt(8));
      sim.after(sim.random.nextLong(600 * Scenario.MS), () -> host.jump(nanos));
    }
    for (int i = 0; i < scenario.drains + scenario.closes; i++) {
      Host host = sim.random.nextBoolean() ? client : server;
      boolean drain = i < scenario.drains;
      sim.after(sim.random.nextLong(600 * Scenario.MS), () -> host.endCurrent(drain));
    }
    for (int i = 0; i < scenario.tokenThefts; i++) {
      Thief thief = new Thief(sim, scenario, server);
      sim.after(sim.random.nextLong(1_000 * Scenario.MS), thief::steal);
    }
  }

  /** Lets everything arrive that is on its way; then nothing may be missing. */
  private static void settle(Simulation sim, Scenario scenario, ClientHost client) {
    if (!scenario.faultsAtTheEnd) {
      scenario.faultsLeft = 0;
    }
    while (!client.isConnected() || !sim.isAtRest()) {
      if (!sim.step(LONGEST)) {
        check(client.isConnected(), "the client does not come back");
      }
    }
    long told = sim.nowNanos() + UNTIL_TOLD;
    while (sim.step(told)) {
      check(sim.nowNanos() <= told, "time goes backwards");
    }
    SessionEnd here = client.current;
    if (!client.isConnected() || here.conversation.draining) {
      return;
    }
    SessionEnd there = here.peer();
    check(here.session.openStreams() == 0, "a stream of the client never ends");
    if (there == null || there.session.state() != SessionState.READY) {
      return;
    }
    check(there.session.openStreams() == 0, "a stream of the server never ends");
    here.audit().checkSettled();
    check(here.session.resumption().heldBytes() == 0, "the client keeps what has arrived");
    check(there.session.resumption().heldBytes() == 0, "the server keeps what has arrived");
  }
}

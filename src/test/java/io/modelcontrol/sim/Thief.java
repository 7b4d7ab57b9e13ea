package io.modelcontrol.sim;

import io.modelcontrol.McpException;
import io.modelcontrol.session.SessionConfig;

/** Presents tokens that were used up, or were never given. */
final class Thief extends Host {
  private final ServerHost server;

  Thief(Simulation sim, Scenario scenario, ServerHost server) {
    super(sim, scenario);
    this.server = server;
  }

  void steal() {
    byte[] token = server.consumedToken();
    if (token == null) {
      token = new byte[53];
      sim.random.nextBytes(token);
      token[0] = 1;
    } else {
      token = token.clone();
      if (sim.random.nextInt(4) == 0) {
        int at = sim.random.nextInt(token.length);
        token[at] = (byte) (token[at] ^ 1 << sim.random.nextInt(8));
      }
    }
    sim.tally.add(Tally.Count.TOKENS_REPLAYED);
    Connection connection = new Connection(sim, scenario, clock, server.clock);
    Conversation conversation = new Conversation(scenario, sim.tally);
    server.accept(connection, conversation);
    SessionConfig.Resume claim = new SessionConfig.Resume(token, sim.random.nextInt(3));
    SessionEnd end = new SessionEnd(this, conversation, connection.client, claim);
    connection.client.start(end);
  }

  @Override
  boolean isServer() {
    return false;
  }

  @Override
  void onResumed(SessionEnd end, long received, byte[] nextToken) {
    throw new AssertionError("a thief goes on with somebody's session");
  }

  @Override
  void onClosed(SessionEnd end, McpException errorOrNull) {
    // That is how it ends: there is nothing to do about it.
  }

  @Override
  void onDetached(SessionEnd end) {
    throw new AssertionError("a thief has a session");
  }

  @Override
  void wakeAll() {
    // Has nothing that depends on its clock.
  }
}

package io.modelcontrol.proof;

import io.modelcontrol.client.McpClient;
import io.modelcontrol.testing.RawPeer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Each family of floods, from several connections at once: the attackers are closed in time, their
 * memory comes back, and a session that behaves gets all of its answers.
 */
public final class FloodsProof implements Proof {
  private static final int DEFAULT_ATTACKERS = 8;

  /** An attacker is closed within this time after its budget was exceeded. */
  static final int CLOSED_WITHIN_MS = 1_000;

  /** The stall time of the server under attack. */
  private static final int STALL_MS = 3_000;

  /** An attack that goes on for so long has not been answered. */
  private static final int GIVE_UP_MS = 30_000;

  /** What the process may hold more than before, which is what a pool of buffers may do. */
  private static final long SLACK_BYTES = 16L << 20;

  private static final int SHOTS_IN_A_FLUSH = 32;

  private final int closedWithinMs;

  /** An attack that came to its end. */
  private record Closed(RawPeer peer, long afterMs) {}

  public FloodsProof() {
    this(CLOSED_WITHIN_MS);
  }

  /**
   * @param closedWithinMs more than a second only where the machine does other things as well
   */
  FloodsProof(int closedWithinMs) {
    this.closedWithinMs = closedWithinMs;
  }

  @Override
  public String run(ProofArgs args) throws Exception {
    int attackers = args.countOr(DEFAULT_ATTACKERS);
    StringJoiner figures = new StringJoiner("; ");
    try (EchoNode node = new EchoNode(STALL_MS)) {
      for (Flood flood : Flood.values()) {
        figures.add(attack(node, flood, attackers));
      }
    }
    return figures.toString();
  }

  /**
   * Attacks a node in one way: once for the pools of buffers to grow and for the virtual machine to
   * learn what it has to do, and once to be measured.
   *
   * @return the figures
   */
  String attack(EchoNode node, Flood flood, int attackers) throws Exception {
    Waiting.until(() -> node.sessions() == 0, "earlier sessions to end");
    McpClient client = node.client();
    EchoNode.Bystander bystander = new EchoNode.Bystander(client);
    try {
      attackFrom(node, flood, attackers);
      long before = EchoNode.usedBytes();
      long slowest = attackFrom(node, flood, attackers);
      if (slowest > closedWithinMs) {
        throw new AssertionError(flood + " was ended only after " + slowest + " ms");
      }
      Waiting.until(
          () -> EchoNode.usedBytes() - before < SLACK_BYTES,
          "memory to come back",
          Duration.ofSeconds(10));
      long left = EchoNode.usedBytes() - before;
      return String.format(
          Locale.ROOT,
          "%s: %d closed within %d ms, %+d KiB left, bystander %d answers, 0 failures",
          flood.name().toLowerCase(Locale.ROOT).replace('_', ' '),
          attackers,
          slowest,
          left / 1024,
          bystander.stop());
    } finally {
      bystander.end();
      client.close().await(10, TimeUnit.SECONDS);
    }
  }

  private static long attackFrom(EchoNode node, Flood flood, int attackers) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(attackers);
    List<Closed> all = new ArrayList<>();
    try {
      List<Future<Closed>> attacks = new ArrayList<>();
      for (int i = 0; i < attackers; i++) {
        attacks.add(threads.submit(() -> attackOnce(node, flood)));
      }
      long slowest = 0;
      for (Future<Closed> attack : attacks) {
        Closed closed = attack.get();
        all.add(closed);
        slowest = Math.max(slowest, closed.afterMs());
      }
      return slowest;
    } finally {
      threads.shutdownNow();
      all.forEach(closed -> closed.peer().close());
      Waiting.until(() -> node.sessions() == 1, "sessions of attackers to end");
    }
  }

  private static Closed attackOnce(EchoNode node, Flood flood) throws Exception {
    RawPeer peer = new RawPeer(node.port(), flood.announced());
    if (flood.reads()) {
      peer.startReading();
    }
    long exceeded = shoot(peer, flood);
    if (flood.stalls() && flood.reads()) {
      peer.awaitHandled(GIVE_UP_MS);
      exceeded = System.nanoTime();
    }
    if (flood.stalls()) {
      exceeded += TimeUnit.MILLISECONDS.toNanos(node.stallTimeoutMs());
    }
    if (flood.reads()) {
      Waiting.until(() -> flood.isOver(peer), flood + " to be ended");
    } else {
      Waiting.until(() -> node.sessions() == 1, flood + " to be closed");
    }
    long ended = peer.hasEnded() ? peer.endedNanos() : System.nanoTime();
    if (peer.goaway() != null && !flood.outcomes().contains(peer.goaway())) {
      throw new AssertionError(flood + " was closed with " + peer.goaway());
    }
    return new Closed(peer, Math.max(0, TimeUnit.NANOSECONDS.toMillis(ended - exceeded)));
  }

  /** Sends the flood until the server ends it; returns when it was more than its budget. */
  private static long shoot(RawPeer peer, Flood flood) {
    long giveUp = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(GIVE_UP_MS);
    long exceeded = 0;
    boolean open = true;
    int last = flood.stalls() ? flood.exceededBy() : Integer.MAX_VALUE;
    for (int i = 0; i < last && open && !peer.hasEnded() && System.nanoTime() < giveUp; i++) {
      open = flood.shot(peer, i);
      if (i + 1 == flood.exceededBy() || i % SHOTS_IN_A_FLUSH == 0) {
        open &= peer.flush();
      }
      if (i + 1 == flood.exceededBy()) {
        exceeded = System.nanoTime();
      }
    }
    return exceeded == 0 ? System.nanoTime() : exceeded;
  }
}

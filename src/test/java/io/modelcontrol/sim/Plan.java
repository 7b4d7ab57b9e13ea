package io.modelcontrol.sim;

import java.util.SplittableRandom;

/** What shall happen on one stream. */
final class Plan {
  /** The end that opened the stream. */
  static final int OPENER = 0;

  /** The end that accepted it. */
  static final int ACCEPTOR = 1;

  private static final int NEITHER = 2;

  final int number;
  final boolean clientOpens;

  /** Messages of the opener, and of the acceptor. */
  final int[] messages = new int[2];

  /** Whether the end of a half is told without a message. */
  final boolean[] separateEnd = new boolean[2];

  /** Whether the acceptor answers before the opener has ended. */
  final boolean early;

  final long gapNanos;
  final int pausesOfTen;
  final int resets;
  final long resetAfterNanos;
  final boolean oversize;

  /** A request with one answer that may be repeated on another session. */
  final boolean repeatable;

  int attempts;

  Plan(int number, boolean clientOpens, SplittableRandom random) {
    this.number = number;
    this.clientOpens = clientOpens;
    repeatable = clientOpens && random.nextInt(2) == 0;
    messages[OPENER] = repeatable ? 1 : 1 + random.nextInt(4);
    messages[ACCEPTOR] = repeatable ? 1 : random.nextInt(5);
    separateEnd[OPENER] = !repeatable && random.nextInt(3) == 0;
    separateEnd[ACCEPTOR] = messages[ACCEPTOR] == 0 || !repeatable && random.nextInt(3) == 0;
    early = random.nextInt(3) == 0;
    gapNanos = random.nextBoolean() ? 0 : random.nextLong(40 * Scenario.MS);
    pausesOfTen = random.nextInt(3) == 0 ? random.nextInt(10) : 0;
    resets = random.nextInt(6) == 0 && !repeatable ? random.nextInt(2) : NEITHER;
    resetAfterNanos = random.nextLong(100 * Scenario.MS);
    oversize = random.nextInt(20) == 0;
  }
}

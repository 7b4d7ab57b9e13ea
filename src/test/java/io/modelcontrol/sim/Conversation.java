package io.modelcontrol.sim;

import io.netty.util.collection.IntObjectHashMap;

/** What both ends of one session have in common, over all of its connections. */
final class Conversation {
  final Audit audit;

  /** The ends that opened a stream, by its id. */
  final IntObjectHashMap<StreamEnd> openers = new IntObjectHashMap<>();

  SessionEnd client;
  SessionEnd server;
  boolean draining;

  Conversation(Scenario scenario, Tally tally) {
    audit = new Audit(scenario, tally);
  }
}

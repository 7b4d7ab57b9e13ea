package io.modelcontrol.verticle;

import java.util.Locale;

/** What a node does; each has a descriptor in {@code verticles/} and a file in {@code config/}. */
public enum Role {
  /** Both of the others in one process. */
  ALL,
  /** Accepts sessions; models run on other nodes. */
  SESSION,
  /** Keeps and runs models; sessions are on other nodes. */
  MODEL;

  /** The word in file names and on the command line. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether a node of this role listens for sessions. */
  public boolean listens() {
    return this != MODEL;
  }
}

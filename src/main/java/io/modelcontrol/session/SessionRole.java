package io.modelcontrol.session;

/**
 * Which end of the session this is: the ends differ in stream ids and in who opens the handshake.
 */
public enum SessionRole {
  /** Opens odd streams and speaks first. */
  CLIENT(1),
  /** Opens even streams and answers. */
  SERVER(2);

  private final int firstStreamId;

  SessionRole(int firstStreamId) {
    this.firstStreamId = firstStreamId;
  }

  int firstStreamId() {
    return firstStreamId;
  }

  SessionRole peer() {
    return this == CLIENT ? SERVER : CLIENT;
  }

  /** Whether a stream of this id is opened by this end. */
  boolean opens(int streamId) {
    return (streamId & 1) == (firstStreamId & 1);
  }
}

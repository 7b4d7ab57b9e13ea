package io.modelcontrol.session;

/** The states of a stream, as in RFC 9113, section 5.1, without reservation. Contract 2. */
public enum StreamState {
  /** Both sides may send. */
  OPEN(true, true),
  /** This side has sent END_STREAM. */
  HALF_CLOSED_LOCAL(false, true),
  /** The peer has sent END_STREAM. */
  HALF_CLOSED_REMOTE(true, false),
  /** Both have, or one of them has reset it. */
  CLOSED(false, false);

  private final boolean canSend;
  private final boolean canReceive;

  StreamState(boolean canSend, boolean canReceive) {
    this.canSend = canSend;
    this.canReceive = canReceive;
  }

  public boolean canSend() {
    return canSend;
  }

  public boolean canReceive() {
    return canReceive;
  }

  StreamState afterLocalEnd() {
    return canReceive ? HALF_CLOSED_LOCAL : CLOSED;
  }

  StreamState afterRemoteEnd() {
    return canSend ? HALF_CLOSED_REMOTE : CLOSED;
  }
}

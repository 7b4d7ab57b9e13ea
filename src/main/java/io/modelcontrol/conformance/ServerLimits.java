package io.modelcontrol.conformance;

/** What a server announces that it accepts, in bytes where it is no number. */
record ServerLimits(long streams, long streamWindow, long sessionWindow, long messageSize) {
  static final ServerLimits UNKNOWN = new ServerLimits(128, 65_536, 262_144, 67_108_864);

  static ServerLimits of(FieldBytes limits) {
    return new ServerLimits(
        announced(limits.number(1), UNKNOWN.streams),
        announced(limits.number(2), UNKNOWN.streamWindow),
        announced(limits.number(3), UNKNOWN.sessionWindow),
        announced(limits.number(4), UNKNOWN.messageSize));
  }

  private static long announced(long value, long absent) {
    return value == 0 ? absent : Math.min(value, Integer.MAX_VALUE);
  }
}

package io.modelcontrol.telemetry;

/** Counts frames. Called for each of them, on many event loops at once. */
public interface Traffic {
  /** Counts nothing. */
  Traffic NONE =
      new Traffic() {
        @Override
        public void received(int frameType, int payloadBytes) {}

        @Override
        public void sent(int frameType, int payloadBytes) {}
      };

  /** A frame came, whole. */
  void received(int frameType, int payloadBytes);

  /** A frame was given to the socket. */
  void sent(int frameType, int payloadBytes);
}

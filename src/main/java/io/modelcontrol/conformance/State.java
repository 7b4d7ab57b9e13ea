package io.modelcontrol.conformance;

/** How far a session has come when a case begins. Contract 4; the server's state. */
enum State {
  /** Connected, and nothing sent. */
  HANDSHAKING,
  /** NEGOTIATE_RESP has come. */
  AUTH_PENDING,
  /** AUTH_RESP has come. */
  READY,
  /** Ready, stream 1 is open within a message, and the client has sent GOAWAY without an error. */
  DRAINING
}

package io.modelcontrol.session;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.wire.Limits;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageDecoder;
import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.Negotiation;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * The opening on stream 0, on either end: NEGOTIATE_REQ, NEGOTIATE_RESP, AUTH_REQ, AUTH_RESP.
 * Contract 3, "Opening". Decides; the session sends and changes its state.
 */
final class Handshake {
  /** What the session does for the handshake. */
  interface Actions {
    void send(Message message);

    /** Both ends know what the other accepts, and whether they can resume. */
    void negotiated(Limits remoteLimits, boolean resume);

    void authRequested(String method, byte[] credential);

    /** As {@link #authRequested}, for an earlier session, of which the client has so much. */
    void resumeRequested(String method, byte[] credential, byte[] token, long received);

    void authenticated();

    /** The server goes on with the earlier session, of which it has so much. */
    void resumed(long received, byte[] nextToken);
  }

  private final SessionConfig config;
  private final Negotiator negotiator;
  private final Actions actions;
  private Negotiation remote;
  private Negotiation selected;
  private boolean authAsked;
  private String identity = "";
  private List<String> roles = List.of();
  private boolean resume;
  private byte[] token;

  Handshake(SessionConfig config, Actions actions) {
    this.config = config;
    this.negotiator = new Negotiator(config);
    this.actions = actions;
  }

  /** The client's first flight. */
  void start() {
    actions.send(Message.of(MessageType.NEGOTIATE_REQ).negotiation(negotiator.offer()));
    Message auth = Message.of(MessageType.AUTH_REQ).authMethod(config.authMethod());
    if (config.credential() != null) {
      auth.credential(config.credential());
    }
    if (config.resume() != null) {
      auth.sessionToken(config.resume().token()).received(config.resume().received());
    }
    actions.send(auth);
  }

  /**
   * A whole message on stream 0, which is taken over.
   *
   * @throws McpException for the session, if it is malformed or may not come now
   */
  void onMessage(ByteBuf bytes, SessionState state) {
    Message message;
    try {
      message = MessageDecoder.decode(bytes);
    } catch (McpException e) {
      throw McpException.sessionError(e.code(), e.getMessage());
    }
    try {
      onMessage(message, state);
    } finally {
      message.release();
    }
  }

  private void onMessage(Message message, SessionState state) {
    MessageType type = message.standardType();
    if (config.role() == SessionRole.SERVER && type == MessageType.NEGOTIATE_REQ) {
      expect(state, SessionState.HANDSHAKING, type);
      onNegotiateRequest(message);
    } else if (config.role() == SessionRole.SERVER && type == MessageType.AUTH_REQ) {
      expect(state, SessionState.AUTH_PENDING, type);
      onAuthRequest(message);
    } else if (config.role() == SessionRole.CLIENT && type == MessageType.NEGOTIATE_RESP) {
      expect(state, SessionState.HANDSHAKING, type);
      onNegotiateResponse(message);
    } else if (config.role() == SessionRole.CLIENT && type == MessageType.AUTH_RESP) {
      expect(state, SessionState.AUTH_PENDING, type);
      onAuthResponse(message);
    } else {
      throw McpException.sessionError(
          ErrorCode.PROTOCOL_ERROR,
          "message type " + message.type() + " may not stand on stream 0");
    }
  }

  /**
   * The server's yes.
   *
   * @param newToken to resume the session with; {@code null} for none
   */
  void accept(String newIdentity, List<String> newRoles, byte[] newToken) {
    identity = newIdentity;
    roles = List.copyOf(newRoles);
    token = resume ? newToken : null;
    actions.send(acceptance());
    actions.authenticated();
  }

  /** The server goes on with this session over a new connection, and tells how much it has. */
  void acceptResume(byte[] newToken, long received) {
    token = newToken;
    actions.send(acceptance().received(received));
  }

  private Message acceptance() {
    Message answer = Message.of(MessageType.AUTH_RESP).status(ErrorCode.OK).identity(identity);
    roles.forEach(answer::role);
    return token == null ? answer : answer.sessionToken(token);
  }

  /** The token to resume the session with; {@code null} where it cannot be. */
  byte[] token() {
    return token;
  }

  /** The client has got the next token. */
  void token(byte[] newToken) {
    token = newToken;
  }

  /** The server's no; the session ends after it. */
  void refuse(McpException error) {
    actions.send(
        Message.of(MessageType.AUTH_RESP)
            .status(error.code())
            .statusText(error.getMessage())
            .level(error.level()));
  }

  String identity() {
    return identity;
  }

  List<String> roles() {
    return roles;
  }

  /** What the peer offered or selected; {@code null} before it did. */
  Negotiation remote() {
    return remote;
  }

  private void onNegotiateRequest(Message message) {
    Negotiation answer = negotiator.select(required(message));
    remote = message.negotiation();
    actions.send(Message.of(MessageType.NEGOTIATE_RESP).negotiation(answer));
    negotiated(answer);
  }

  private void onNegotiateResponse(Message message) {
    negotiator.accept(required(message));
    remote = message.negotiation();
    negotiated(remote);
  }

  /** Whether both ends have a capability; none is selected before the negotiation. */
  boolean isSelected(String capability) {
    return selected != null
        && Boolean.TRUE.equals(config.capabilities().get(capability))
        && Boolean.TRUE.equals(selected.capabilities().get(capability));
  }

  private void negotiated(Negotiation newSelected) {
    selected = newSelected;
    resume = isSelected(SessionConfig.RESUME);
    actions.negotiated(Negotiator.effective(remote.limits()), resume);
  }

  private void onAuthRequest(Message message) {
    if (authAsked) {
      throw McpException.sessionError(ErrorCode.PROTOCOL_ERROR, "a second AUTH_REQ");
    }
    authAsked = true;
    if (message.authMethod() == null) {
      throw McpException.sessionError(ErrorCode.UNAUTHENTICATED, "AUTH_REQ names no method");
    }
    if (resume && message.sessionToken() != null) {
      actions.resumeRequested(
          message.authMethod(), message.credential(), message.sessionToken(), message.received());
    } else {
      actions.authRequested(message.authMethod(), message.credential());
    }
  }

  private void onAuthResponse(Message message) {
    if (message.status().isError()) {
      throw McpException.sessionError(message.status(), text(message)).withLevel(message.level());
    }
    identity = message.identity() == null ? "" : message.identity();
    roles = List.copyOf(message.roles());
    token = resume ? message.sessionToken() : null;
    if (config.resume() == null) {
      actions.authenticated();
    } else if (message.received() >= 0) {
      actions.resumed(message.received(), token);
    } else {
      throw McpException.sessionError(
          ErrorCode.RESUME_REJECTED, "the server has begun a new session instead of the old one");
    }
  }

  private static String text(Message message) {
    return message.statusText() == null
        ? "the server refused the authentication"
        : message.statusText();
  }

  private static Negotiation required(Message message) {
    if (message.negotiation() == null) {
      throw McpException.sessionError(
          ErrorCode.NEGOTIATION_FAILED, "the negotiation field (0x08) is missing");
    }
    return message.negotiation();
  }

  private static void expect(SessionState actual, SessionState expected, MessageType type) {
    if (actual != expected) {
      throw McpException.sessionError(
          ErrorCode.PROTOCOL_ERROR, type + " may come in " + expected + ", not in " + actual);
    }
  }
}

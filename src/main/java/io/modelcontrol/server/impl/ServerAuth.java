package io.modelcontrol.server.impl;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.auth.Access;
import io.modelcontrol.auth.AuditEntry;
import io.modelcontrol.auth.AuthChain;
import io.modelcontrol.auth.Authenticator;
import io.modelcontrol.auth.Authorizer;
import io.modelcontrol.auth.DenyList;
import io.modelcontrol.auth.Identity;
import io.modelcontrol.auth.Presented;
import io.modelcontrol.server.AuthOptions;
import io.modelcontrol.telemetry.Happening;
import io.modelcontrol.telemetry.Telemetry;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.EnumSet;
import java.util.Set;

/** What a server knows of its clients: who may come in, who may do what, and who is told of it. */
final class ServerAuth {
  /** Requests that change something; their outcomes are noted. */
  private static final Set<MessageType> CONTROL =
      EnumSet.of(
          MessageType.MODEL_LOAD_REQ, MessageType.MODEL_UNLOAD_REQ, MessageType.MODEL_UPDATE);

  private final Vertx vertx;
  private final DenyList denied = new DenyList();
  private AuthOptions options;
  private Authenticator authenticator = Authenticator.anonymous();
  private Authorizer authorizer = Authorizer.ALL;
  private boolean anonymous = true;
  private DenyListFile denyListFile;
  private AuditLog audit;

  ServerAuth(Vertx vertx) {
    this.vertx = vertx;
  }

  void use(Authenticator newAuthenticator) {
    authenticator = newAuthenticator;
    anonymous = false;
  }

  void use(AuthChain chain) {
    authenticator = chain;
    authorizer = chain;
    anonymous = false;
  }

  void use(AuthOptions newOptions) {
    options = new AuthOptions(newOptions);
    anonymous = options.getMethods().contains(Authenticator.NONE);
  }

  /** Whether anybody may come in who asks. */
  boolean isAnonymous() {
    return anonymous;
  }

  /**
   * Reads what the options name.
   *
   * @param revoked called when the deny list has changed
   * @return fails with INVALID_ARGUMENT
   */
  Future<Void> start(Runnable revoked) {
    if (options == null) {
      return Future.succeededFuture();
    }
    return vertx
        .<Void>executeBlocking(
            () -> {
              use(AuthSetup.chain(vertx, options, denied));
              anonymous = options.getMethods().contains(Authenticator.NONE);
              audit = options.getAuditFile() == null ? null : auditLog();
              return null;
            })
        .compose(v -> watchDenyList(revoked));
  }

  private AuditLog auditLog() {
    Telemetry telemetry = Telemetry.of(vertx);
    return new AuditLog(options.getAuditFile(), () -> telemetry.count(Happening.AUDIT_LOST));
  }

  private Future<Void> watchDenyList(Runnable revoked) {
    if (options.getDenyListFile() == null) {
      return Future.succeededFuture();
    }
    denyListFile = new DenyListFile(vertx, options.getDenyListFile(), denied, revoked);
    return denyListFile.start(options.getDenyListMs());
  }

  Future<Void> stop() {
    if (denyListFile != null) {
      denyListFile.stop();
    }
    AuditLog ended = audit;
    audit = null;
    return ended == null
        ? Future.succeededFuture()
        : vertx.executeBlocking(
            () -> {
              ended.close();
              return null;
            });
  }

  /**
   * Identifies a client.
   *
   * @throws McpException UNAUTHENTICATED
   */
  Identity authenticate(Presented presented) {
    try {
      return authenticator.authenticate(presented);
    } catch (McpException e) {
      note(null, "AUTH_REQ", null, e.code().name());
      throw e;
    }
  }

  boolean isRevoked(Identity identity) {
    return denied.denies(identity);
  }

  boolean mayDo(Identity identity, int type, String modelOrNull) {
    return authorizer.mayDo(identity, new Access(type, modelOrNull));
  }

  /**
   * The one gate that every request passes.
   *
   * @throws McpException PERMISSION_DENIED for the stream; the same whether the model exists or not
   */
  void check(Identity identity, Message request) {
    if (!mayDo(identity, request.type(), request.modelName())) {
      note(identity, name(request), request, ErrorCode.PERMISSION_DENIED.name());
      throw McpException.streamError(
          ErrorCode.PERMISSION_DENIED,
          "none of the identity's roles may send "
              + name(request)
              + (request.modelName() == null ? "" : " for this model"));
    }
  }

  /** Notes how a control request has ended. */
  void ended(Identity identity, Message request, ErrorCode outcome) {
    if (CONTROL.contains(request.standardType())) {
      note(identity, name(request), request, outcome.name());
    }
  }

  private void note(Identity identity, String what, Message requestOrNull, String outcome) {
    if (audit == null) {
      return;
    }
    Digest digest = requestOrNull == null ? null : requestOrNull.digest();
    audit.add(
        new AuditEntry(
            identity == null ? null : identity.name(),
            what,
            requestOrNull == null ? null : requestOrNull.modelName(),
            requestOrNull == null ? null : requestOrNull.modelVersion(),
            digest == null ? null : digest.hex(),
            outcome));
  }

  private static String name(Message request) {
    MessageType type = request.standardType();
    return type == null ? String.format("0x%02X", request.type()) : type.name();
  }
}

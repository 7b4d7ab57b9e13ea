package io.modelcontrol.conformance;

import static io.modelcontrol.ErrorCode.INVALID_ARGUMENT;
import static io.modelcontrol.ErrorCode.MALFORMED_MESSAGE;
import static io.modelcontrol.ErrorCode.UNAUTHENTICATED;
import static io.modelcontrol.ErrorCode.UNSUPPORTED_FIELD;
import static io.modelcontrol.ErrorCode.UNSUPPORTED_MESSAGE;

import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.Tag;
import java.util.List;

/** AUTH_REQ: who is let in. The state table's rows for it are in {@link MatrixCases}. */
final class AuthCases {
  private final CaseGroup group = new CaseGroup("auth").section("Opening");

  private AuthCases() {}

  static List<ConformanceCase> all() {
    AuthCases cases = new AuthCases();
    cases.accepted();
    cases.refused();
    return cases.group.cases();
  }

  private void accepted() {
    group
        .script(
            State.AUTH_PENDING,
            "gives method none the identity and the role anonymous",
            peer -> {
              peer.send(Bytes.authRequest());
              FieldBytes fields = peer.authenticated().fields();
              CaseFailure.check(
                  fields.text(Tag.IDENTITY).equals("anonymous")
                      && fields.text(Tag.ROLE).equals("anonymous"),
                  "identity '" + fields.text(Tag.IDENTITY) + "', role '" + fields.text(Tag.ROLE));
            })
        .answered();
    group
        .script(
            State.AUTH_PENDING,
            "gives no session token where resume was not negotiated",
            peer -> {
              peer.send(Bytes.authRequest());
              CaseFailure.check(
                  !peer.authenticated().fields().has(Tag.SESSION_TOKEN), "a token came");
            })
        .answered();
    group
        .given(
            State.AUTH_PENDING,
            "handles what waited once it is Ready",
            Bytes.request(1, Bytes.unhandled()),
            Bytes.authRequest())
        .status(1, UNSUPPORTED_MESSAGE);
  }

  private void refused() {
    method("kerberos");
    method("NONE");
    auth("refuses AUTH_REQ without a method", new byte[0])
        .goaway(UNAUTHENTICATED, INVALID_ARGUMENT);
    auth("refuses an empty method", Bytes.text(Tag.AUTH_METHOD, ""))
        .goaway(INVALID_ARGUMENT, UNAUTHENTICATED);
    auth("refuses a method beyond ASCII", Bytes.text(Tag.AUTH_METHOD, "n\u00F6ne"))
        .goaway(INVALID_ARGUMENT, UNAUTHENTICATED);
    byte[] none = Bytes.text(Tag.AUTH_METHOD, "none");
    auth("refuses the method twice", Bytes.join(none, none)).goaway(MALFORMED_MESSAGE);
    auth("refuses a critical field", Bytes.join(none, Bytes.field(0x99))).goaway(UNSUPPORTED_FIELD);
    auth("refuses a role without a value", Bytes.join(none, Bytes.field(Tag.ROLE)))
        .goaway(INVALID_ARGUMENT);
  }

  private CaseGroup.Draft auth(String sentence, byte[] fields) {
    return group.given(
        State.AUTH_PENDING, sentence, Bytes.opening(Bytes.message(MessageType.AUTH_REQ, fields)));
  }

  private void method(String method) {
    group
        .script(
            State.AUTH_PENDING,
            "refuses the method " + method + " by AUTH_RESP and GOAWAY",
            peer -> {
              peer.send(
                  Bytes.opening(
                      Bytes.message(MessageType.AUTH_REQ, Bytes.text(Tag.AUTH_METHOD, method))));
              ReceivedMessage answer = peer.message(0);
              answer.expect(MessageType.AUTH_RESP);
              CaseFailure.check(
                  answer.status() == UNAUTHENTICATED, "AUTH_RESP says " + answer.status());
            })
        .goaway(UNAUTHENTICATED);
  }
}

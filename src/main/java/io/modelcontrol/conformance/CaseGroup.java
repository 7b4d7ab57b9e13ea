package io.modelcontrol.conformance;

import io.modelcontrol.ErrorCode;
import java.util.ArrayList;
import java.util.List;

/** Collects the cases of one subject, and numbers them. */
final class CaseGroup {
  private static final long BOUND_MS = 5_000;

  private final String name;
  private final List<ConformanceCase> cases = new ArrayList<>();
  private String section = "";

  CaseGroup(String name) {
    this.name = name;
  }

  List<ConformanceCase> cases() {
    return cases;
  }

  /** The cases from here on are about this section of the specification. */
  CaseGroup section(String newSection) {
    section = newSection;
    return this;
  }

  /** A case that sends these bytes. */
  Draft given(State state, String sentence, byte[]... bytes) {
    byte[] all = Bytes.join(bytes);
    return new Draft(state, sentence, peer -> peer.send(all));
  }

  /** A case that does more than to send. */
  Draft script(State state, String sentence, Script script) {
    return new Draft(state, sentence, script);
  }

  /** A case that lacks its expectation. */
  final class Draft {
    private final State state;
    private final String sentence;
    private final Script script;
    private long boundMs = BOUND_MS;
    private long notBeforeMs;

    private Draft(State state, String sentence, Script script) {
      this.state = state;
      this.sentence = sentence;
      this.script = script;
    }

    /** It takes a while by its nature: between so many milliseconds. */
    Draft between(long fromMs, long toMs) {
      notBeforeMs = fromMs;
      boundMs = toMs;
      return this;
    }

    void goaway(ErrorCode... codes) {
      add(Expectation.Scope.GOAWAY, 0, codes);
    }

    void reset(long streamId, ErrorCode... codes) {
      add(Expectation.Scope.RESET, streamId, codes);
    }

    void status(long streamId, ErrorCode... codes) {
      add(Expectation.Scope.STATUS, streamId, codes);
    }

    void failed(long streamId, ErrorCode... codes) {
      add(Expectation.Scope.FAILED, streamId, codes);
    }

    void closed() {
      add(Expectation.Scope.CLOSED, 0);
    }

    void silent() {
      add(Expectation.Scope.SILENT, 0);
    }

    void answered() {
      add(Expectation.Scope.ANSWERED, 0);
    }

    void ignored() {
      add(Expectation.Scope.IGNORED, 0);
    }

    void ended() {
      add(Expectation.Scope.ENDED, 0);
    }

    private void add(Expectation.Scope scope, long streamId, ErrorCode... codes) {
      String id = String.format("%s/%02d", name, cases.size() + 1);
      Expectation expectation = new Expectation(scope, streamId, List.of(codes), notBeforeMs);
      cases.add(new ConformanceCase(id, sentence, section, state, script, expectation, boundMs));
    }
  }
}

package io.modelcontrol.conformance;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.wire.FrameType;
import io.modelcontrol.wire.MessageType;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** One case on one connection. Blocks its thread. */
final class CaseRun {
  private final ConformanceCase testCase;
  private final Peer peer;
  private long startNanos;
  private int setupFrames;

  CaseRun(ConformanceCase testCase, Peer peer) {
    this.testCase = testCase;
    this.peer = peer;
  }

  CaseResult run(String host, int port) {
    long begunNanos = System.nanoTime();
    try {
      peer.connect(host, port, testCase.boundMs());
      peer.reach(testCase.state());
      setupFrames = peer.seen().size();
      startNanos = System.nanoTime();
      testCase.script().run(peer);
      check();
      checkTime();
      return result(CaseResult.Verdict.PASSED, "", begunNanos);
    } catch (CaseFailure e) {
      CaseResult.Verdict verdict =
          e.isSkipped() ? CaseResult.Verdict.SKIPPED : CaseResult.Verdict.FAILED;
      return result(verdict, e.getMessage(), begunNanos);
    } catch (IOException e) {
      return result(CaseResult.Verdict.FAILED, "the connection broke: " + e, begunNanos);
    } finally {
      peer.close();
    }
  }

  private CaseResult result(CaseResult.Verdict verdict, String text, long begunNanos) {
    return new CaseResult(testCase, verdict, text, System.nanoTime() - begunNanos);
  }

  private void check() throws IOException {
    Expectation expected = testCase.expectation();
    switch (expected.scope()) {
      case GOAWAY -> checkGoaway(expected);
      case RESET -> checkReset(expected);
      case STATUS -> checkStatus(expected);
      case FAILED -> checkFailed(expected);
      case CLOSED -> checkClosed();
      case SILENT -> {
        peer.awaitEnd();
        CaseFailure.check(
            peer.seen().size() == setupFrames, "expected no reply, came " + peer.summary());
      }
      case ANSWERED -> checkAlive();
      case IGNORED -> {
        checkAlive();
        checkNoError();
      }
      case ENDED -> peer.awaitEnd();
    }
  }

  private void checkGoaway(Expectation expected) throws IOException {
    ReceivedFrame frame = peer.await("GOAWAY " + expected.codes(), f -> f.is(FrameType.GOAWAY));
    CaseFailure.check(
        expected.allows(frame.status()), "expected GOAWAY " + expected.codes() + ", came " + frame);
    peer.awaitEnd();
  }

  private void checkReset(Expectation expected) throws IOException {
    ReceivedFrame frame = firstEnd(expected);
    CaseFailure.check(
        frame.is(FrameType.RESET) && expected.allows(frame.status()),
        "expected RESET " + expected.codes() + ", came " + frame);
    checkAlive();
  }

  private ReceivedFrame firstEnd(Expectation expected) throws IOException {
    long stream = expected.streamId();
    return peer.await(
        "RESET " + expected.codes() + " on stream " + stream,
        f -> f.isOn(FrameType.RESET, stream) || f.isOn(FrameType.DATA, stream));
  }

  private void checkStatus(Expectation expected) throws IOException {
    ReceivedMessage message = peer.message(expected.streamId());
    checkStatus(message, expected.codes().get(0), expected);
    if (!message.endStream()) {
      peer.await(
          "END_STREAM",
          f -> f.isOn(FrameType.DATA, expected.streamId()) && f.has(Bytes.END_STREAM));
    }
    checkAlive();
  }

  private static void checkStatus(ReceivedMessage message, ErrorCode code, Expectation expected) {
    CaseFailure.check(
        message.is(MessageType.STATUS) && expected.allows(message.status()),
        "expected STATUS " + code + ", came " + message);
  }

  private void checkFailed(Expectation expected) throws IOException {
    ReceivedFrame frame = firstEnd(expected);
    ErrorCode code = frame.is(FrameType.RESET) ? frame.status() : statusOf(frame);
    CaseFailure.check(
        expected.allows(code), "expected an error " + expected.codes() + ", came " + code);
    checkAlive();
  }

  private static ErrorCode statusOf(ReceivedFrame frame) {
    return new ReceivedMessage(
            frame.payload()[0] & 0xFF, FieldBytes.parse(frame.payload(), 1), true)
        .status();
  }

  private void checkClosed() throws IOException {
    peer.awaitEnd();
    checkNoError();
  }

  private void checkNoError() {
    for (ReceivedFrame frame : peer.seen()) {
      CaseFailure.check(
          !frame.is(FrameType.RESET) && !frame.isErrorGoaway(), "expected no error, came " + frame);
    }
  }

  private void checkAlive() throws IOException {
    if (testCase.state() == State.HANDSHAKING
        && peer.seen().stream().noneMatch(f -> f.isOn(FrameType.DATA, 0))) {
      peer.negotiate(Bytes.negotiation());
    }
    peer.checkAlive();
  }

  private void checkTime() {
    long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
    long notBefore = testCase.expectation().notBeforeMs();
    CaseFailure.check(tookMs >= notBefore, "came after " + tookMs + " ms, not before " + notBefore);
  }
}

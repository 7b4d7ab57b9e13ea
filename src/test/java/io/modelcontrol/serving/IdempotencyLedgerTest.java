package io.modelcontrol.serving;

import static io.modelcontrol.serving.IdempotencyLedger.Claim.ANSWERED;
import static io.modelcontrol.serving.IdempotencyLedger.Claim.ATTACHED;
import static io.modelcontrol.serving.IdempotencyLedger.Claim.CONFLICT;
import static io.modelcontrol.serving.IdempotencyLedger.Claim.FULL;
import static io.modelcontrol.serving.IdempotencyLedger.Claim.RUN;
import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class IdempotencyLedgerTest {
  private static final long WINDOW = 1_000;
  private final McpException failure =
      McpException.streamError(ErrorCode.RUNTIME_FAILURE, "failed");

  /** An answer that counts its owners. */
  private static final class Answer {
    final long bytes;
    final AtomicInteger references = new AtomicInteger(1);

    Answer(long bytes) {
      this.bytes = bytes;
    }
  }

  private static final class Counted implements IdempotencyLedger.Answers<Answer> {
    @Override
    public void retain(Answer answer) {
      assertThat(answer.references.getAndIncrement()).isPositive();
    }

    @Override
    public void release(Answer answer) {
      assertThat(answer.references.decrementAndGet()).isNotNegative();
    }

    @Override
    public Answer keep(Answer answer) {
      retain(answer);
      return answer;
    }

    @Override
    public long bytes(Answer answer) {
      return answer.bytes;
    }
  }

  private static final class Caller extends IdempotencyLedger.Waiter<Answer> {
    final ConcurrentLinkedQueue<Object> told = new ConcurrentLinkedQueue<>();
    final AtomicInteger cancels = new AtomicInteger();

    @Override
    void answered(Answer answer) {
      told.add(answer);
      answer.references.decrementAndGet();
    }

    @Override
    void failed(McpException error) {
      told.add(error);
    }

    @Override
    void cancelRun() {
      cancels.incrementAndGet();
    }
  }

  private final ConcurrentLinkedQueue<Caller> attached = new ConcurrentLinkedQueue<>();
  private final List<Answer> made = new ArrayList<>();
  private IdempotencyLedger<Answer> ledger = ledger(100, 1_000, 1_000, 10_000);

  private static IdempotencyLedger<Answer> ledger(
      long records, long bytes, long allRecords, long allBytes) {
    return new IdempotencyLedger<>(
        new IdempotencyLedger.Bounds(WINDOW, records, bytes, allRecords, allBytes), new Counted());
  }

  @AfterEach
  void everyAnswerIsGivenUpInTheEnd() {
    ledger.close();
    assertThat(ledger.bytes()).isZero();
    assertThat(made).allMatch(answer -> answer.references.get() == 0);
  }

  private IdempotencyLedger.Claim claim(String who, long id, String payload, Caller caller) {
    return claim(who, id, payload, caller, 0);
  }

  private IdempotencyLedger.Claim claim(
      String who, long id, String payload, Caller caller, long now) {
    return ledger.claim(who, entry(id, payload), caller, now);
  }

  private static LedgerEntry<Answer> entry(long id, String payload) {
    Message message = Message.of(MessageType.INFERENCE_REQ).modelName(payload);
    return new LedgerEntry<>(
        ByteBuffer.allocate(16).putLong(id).putLong(~id).array(), new Fingerprint().of(message));
  }

  private Answer answer(long bytes) {
    Answer answer = new Answer(bytes);
    made.add(answer);
    return answer;
  }

  /** Runs a request to its answer. */
  private Answer run(String who, long id, long bytes, long now) {
    Caller caller = new Caller();
    assertThat(claim(who, id, "p", caller, now)).isEqualTo(RUN);
    Answer answer = answer(bytes);
    ledger.complete(caller, answer, now);
    assertThat(caller.told).containsExactly(answer);
    return answer;
  }

  @Test
  void whoAsksAgainLaterGetsTheRecordedAnswer() {
    Answer answer = run("ada", 1, 10, 0);
    Caller again = new Caller();
    assertThat(claim("ada", 1, "p", again)).isEqualTo(ANSWERED);
    assertThat(again.told).containsExactly(answer);
    assertThat(answer.references).hasValue(1);
  }

  @Test
  void whoAsksWhileItRunsWaitsForTheSameRun() {
    Caller first = new Caller();
    Caller second = new Caller();
    assertThat(claim("ada", 1, "p", first)).isEqualTo(RUN);
    assertThat(claim("ada", 1, "p", second)).isEqualTo(ATTACHED);
    Answer answer = answer(10);
    ledger.complete(first, answer, 0);
    assertThat(first.told).containsExactly(answer);
    assertThat(second.told).containsExactly(answer);
  }

  @Test
  void anotherPayloadIsAConflictWhileItRunsAndAfterwards() {
    Caller first = new Caller();
    claim("ada", 1, "p", first);
    assertThat(claim("ada", 1, "q", new Caller())).isEqualTo(CONFLICT);
    ledger.complete(first, answer(10), 0);
    assertThat(claim("ada", 1, "q", new Caller())).isEqualTo(CONFLICT);
  }

  @Test
  void theIdsOfTwoIdentitiesHaveNothingToDoWithEachOther() {
    run("ada", 1, 10, 0);
    assertThat(claim("bob", 1, "q", new Caller())).isEqualTo(RUN);
    assertThat(ledger.identities()).isEqualTo(2);
  }

  @Test
  void aFailureIsToldToAllAndFreesTheKey() {
    Caller first = new Caller();
    Caller second = new Caller();
    claim("ada", 1, "p", first);
    claim("ada", 1, "p", second);
    ledger.fail(first, failure);
    assertThat(first.told).containsExactly(failure);
    assertThat(second.told).containsExactly(failure);
    assertThat(ledger.identities()).isZero();
    assertThat(claim("ada", 1, "q", new Caller())).isEqualTo(RUN);
  }

  @Test
  void aRunGoesOnWhileAnyoneWaits() {
    Caller first = new Caller();
    Caller second = new Caller();
    Caller third = new Caller();
    claim("ada", 1, "p", first);
    claim("ada", 1, "p", second);
    claim("ada", 1, "p", third);
    assertThat(ledger.leave(first)).isTrue();
    assertThat(ledger.leave(first)).isFalse();
    assertThat(ledger.leave(third)).isTrue();
    assertThat(first.cancels).hasValue(0);
    Answer answer = answer(10);
    ledger.complete(first, answer, 0);
    assertThat(second.told).containsExactly(answer);
    assertThat(first.told).isEmpty();
    assertThat(third.told).isEmpty();
  }

  @Test
  void theLastOneToLeaveCancelsTheRunAndFreesTheKey() {
    Caller first = new Caller();
    Caller second = new Caller();
    claim("ada", 1, "p", first);
    claim("ada", 1, "p", second);
    ledger.leave(first);
    ledger.leave(second);
    assertThat(first.cancels).hasValue(1);
    assertThat(second.cancels).hasValue(0);
    Caller anew = new Caller();
    assertThat(claim("ada", 1, "p", anew)).isEqualTo(RUN);
    ledger.complete(first, answer(10), 0);
    assertThat(anew.told).isEmpty();
    ledger.fail(anew, failure);
  }

  @Test
  void whoHasItsAnswerCannotLeave() {
    Caller caller = new Caller();
    claim("ada", 1, "p", caller);
    ledger.complete(caller, answer(10), 0);
    assertThat(ledger.leave(caller)).isFalse();
    assertThat(caller.cancels).hasValue(0);
    assertThat(ledger.leave(new Caller())).isFalse();
  }

  @Test
  void answersAreKeptForTheWindowAndNotLonger() {
    run("ada", 1, 10, 0);
    assertThat(claim("ada", 1, "p", new Caller(), WINDOW - 1)).isEqualTo(ANSWERED);
    assertThat(claim("ada", 1, "p", new Caller(), WINDOW)).isEqualTo(RUN);
    assertThat(ledger.bytes()).isZero();
  }

  @Test
  void whatIsOverdueIsEvictedWithoutARequest() {
    run("ada", 1, 10, 0);
    run("bob", 2, 10, 5);
    ledger.evictOverdue(WINDOW);
    assertThat(ledger.identities()).isEqualTo(1);
    ledger.evictOverdue(WINDOW + 5);
    assertThat(ledger.identities()).isZero();
    assertThat(ledger.records()).isZero();
  }

  @Test
  void theOldestFinishedOfTheIdentityMakesRoomForARecord() {
    ledger = ledger(2, 1_000, 100, 1_000);
    run("bob", 9, 10, 0);
    run("ada", 1, 10, 1);
    run("ada", 2, 10, 2);
    run("ada", 3, 10, 3);
    assertThat(claim("ada", 2, "p", new Caller())).isEqualTo(ANSWERED);
    assertThat(claim("ada", 3, "p", new Caller())).isEqualTo(ANSWERED);
    assertThat(claim("bob", 9, "p", new Caller())).isEqualTo(ANSWERED);
    assertThat(claim("ada", 1, "p", new Caller())).isEqualTo(RUN);
  }

  @Test
  void theOldestFinishedOfTheIdentityMakesRoomForBytes() {
    ledger = ledger(10, 100, 100, 1_000);
    run("bob", 9, 100, 0);
    run("ada", 1, 60, 1);
    run("ada", 2, 40, 2);
    run("ada", 3, 30, 3);
    assertThat(ledger.bytes()).isEqualTo(170);
    assertThat(claim("ada", 2, "p", new Caller())).isEqualTo(ANSWERED);
    assertThat(claim("ada", 1, "p", new Caller())).isEqualTo(RUN);
  }

  @Test
  void allIdentitiesTogetherAreBoundedToo() {
    ledger = ledger(10, 100, 3, 150);
    run("ada", 1, 10, 0);
    run("bob", 2, 10, 1);
    run("eve", 3, 10, 2);
    run("joe", 4, 10, 3);
    assertThat(ledger.records()).isEqualTo(3);
    assertThat(claim("ada", 1, "p", new Caller())).isEqualTo(RUN);
    run("kim", 5, 100, 4);
    run("lea", 6, 60, 5);
    assertThat(ledger.bytes()).isLessThanOrEqualTo(150);
  }

  @Test
  void anAnswerBeyondTheBoundIsToldAndNotRecorded() {
    ledger = ledger(10, 100, 100, 1_000);
    run("ada", 1, 50, 0);
    run("ada", 2, 101, 0);
    assertThat(claim("ada", 1, "p", new Caller())).isEqualTo(ANSWERED);
    assertThat(claim("ada", 2, "p", new Caller())).isEqualTo(RUN);
  }

  @Test
  void whatRunsIsNeverEvictedAndWhatIsBeyondIsRefused() {
    ledger = ledger(2, 100, 3, 1_000);
    Caller first = new Caller();
    claim("ada", 1, "p", first);
    claim("ada", 2, "p", new Caller());
    assertThat(claim("ada", 3, "p", new Caller())).isEqualTo(FULL);
    assertThat(claim("bob", 3, "p", new Caller())).isEqualTo(RUN);
    assertThat(claim("eve", 4, "p", new Caller())).isEqualTo(FULL);
    ledger.fail(first, failure);
    assertThat(claim("ada", 3, "p", new Caller())).isEqualTo(RUN);
  }

  @Test
  void afterTheCloseWhatRunsIsAnsweredAndNotRecorded() {
    run("ada", 1, 10, 0);
    Caller running = new Caller();
    claim("ada", 2, "p", running);
    ledger.close();
    Answer answer = answer(10);
    ledger.complete(running, answer, 0);
    assertThat(running.told).containsExactly(answer);
    assertThat(answer.references).hasValue(0);
  }

  @Test
  void fingerprintsDifferWithEveryPartOfThePayload() {
    List<Message> payloads =
        List.of(
            request(),
            request().modelName("n"),
            request().modelVersion("1"),
            request().requestedOutput("o"),
            request().requestedOutput("o").requestedOutput("p"),
            request().requestedOutput("op"),
            request().parameter("k", "v"),
            request().parameter("kv", ""),
            request().tensor(Tensor.of("x", new float[] {1, 2})),
            request().tensor(Tensor.of("y", new float[] {1, 2})),
            request().tensor(Tensor.of("x", new float[] {1, 3})),
            request().tensor(Tensor.of("x", new float[] {1, 2}, 1, 2)),
            request().tensor(Tensor.of("x", new float[] {1, 2}, 2, 1)),
            request().tensor(Tensor.of("x", new int[] {0x3F800000, 0x40000000})),
            request().parameter("k", "v".repeat(5_000)),
            request().parameter("k", "v".repeat(5_001)));
    assertThat(payloads.stream().map(IdempotencyLedgerTest::fingerprint)).doesNotHaveDuplicates();
  }

  @Test
  void fingerprintsAreEqualWhereOnlyTimeAndTraceDiffer() {
    Message later = request().timeoutMs(5).traceparent("00-1-2-01").requestId(new byte[16]);
    assertThat(fingerprint(later)).isEqualTo(fingerprint(request()));
  }

  private static Message request() {
    return Message.of(MessageType.INFERENCE_REQ).modelName("m");
  }

  private static List<Long> fingerprint(Message message) {
    Fingerprint fingerprint = new Fingerprint().of(message);
    return List.of(fingerprint.hash(), fingerprint.length());
  }

  /** Many threads claim few keys, run, fail and leave: no key ever has two runs at a time. */
  @Test
  void noKeyRunsTwiceAtATimeWhateverTheThreadsDo() throws Exception {
    long seed = 20261123;
    int threads = 8;
    int keys = 5;
    ledger = ledger(3, 100, 4, 120);
    AtomicInteger[] running = new AtomicInteger[keys];
    for (int i = 0; i < keys; i++) {
      running[i] = new AtomicInteger();
    }
    ConcurrentLinkedQueue<Answer> answers = new ConcurrentLinkedQueue<>();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    CyclicBarrier start = new CyclicBarrier(threads);
    List<Future<?>> done = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      Random random = new Random(seed + t);
      done.add(
          pool.submit(
              () -> {
                start.await();
                for (int i = 0; i < 20_000; i++) {
                  step(random, running, answers, i);
                }
                return null;
              }));
    }
    for (Future<?> each : done) {
      each.get(60, TimeUnit.SECONDS);
    }
    pool.shutdown();
    made.addAll(answers);
    assertThat(attached).as("seed " + seed).isNotEmpty().allMatch(c -> c.told.size() == 1);
    assertThat(ledger.records()).isLessThanOrEqualTo(3);
  }

  private void step(
      Random random, AtomicInteger[] running, ConcurrentLinkedQueue<Answer> answers, int now) {
    int key = random.nextInt(running.length);
    Caller caller = new Caller();
    switch (claim("ada", key, "p", caller, now / 100)) {
      case RUN -> {
        assertThat(running[key].incrementAndGet()).as("runs of key " + key).isEqualTo(1);
        for (int i = random.nextInt(300); i > 0; i--) {
          Thread.onSpinWait();
        }
        running[key].decrementAndGet();
        if (random.nextInt(10) == 0) {
          ledger.fail(caller, failure);
        } else {
          Answer answer = new Answer(random.nextInt(60));
          answers.add(answer);
          ledger.complete(caller, answer, now / 100);
        }
        assertThat(caller.told).hasSize(1);
      }
      case ATTACHED -> {
        if (random.nextBoolean() && ledger.leave(caller)) {
          assertThat(caller.told).isEmpty();
        } else {
          attached.add(caller);
        }
      }
      case ANSWERED -> assertThat(caller.told).hasSize(1);
      default -> assertThat(caller.told).isEmpty();
    }
  }
}

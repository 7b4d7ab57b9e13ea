package io.modelcontrol.client;

import static io.modelcontrol.client.Peers.await;
import static io.modelcontrol.client.Peers.codeOf;
import static io.modelcontrol.client.Peers.errorOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The client's side of sequences; the server is a script that adds up what it is given. */
@Timeout(120)
class SequenceTest {
  private final List<Message> received = new CopyOnWriteArrayList<>();
  private final Promise<McpException> canceled = Promise.promise();

  /** Answers each step by the sum of all inputs so far, and ends when the client does. */
  private void sum(McpServerRequest request) {
    float[] state = {0};
    answerSteps(request, step -> result(step, state[0] += step.tensors().get(0).toFloats()[0]));
  }

  private void answerSteps(McpServerRequest request, Script script) {
    McpStream stream = request.stream();
    stream.exceptionHandler(error -> canceled.tryComplete((McpException) error));
    Consumer<Message> answer =
        step -> {
          received.add(step.toHeap());
          Message next = script.answer(step);
          if (next != null) {
            stream.write(next);
          }
        };
    answer.accept(request.message());
    stream.handler(answer::accept);
    stream.endHandler(v -> stream.end());
  }

  private interface Script {
    Message answer(Message step);
  }

  private static Message result(Message step, float value) {
    return Message.of(MessageType.INFERENCE_RESULT)
        .tensor(Tensor.of("sum", new float[] {value}))
        .modelVersion("3")
        .chunkIndex(step.chunkIndex());
  }

  private Peers sums() {
    Peers peers = new Peers();
    peers.server.requestHandler(MessageType.INFERENCE_STREAM, this::sum);
    return peers.start();
  }

  private Peers scripted(Script script) {
    Peers peers = new Peers();
    peers.server.requestHandler(
        MessageType.INFERENCE_STREAM, request -> answerSteps(request, script));
    return peers.start();
  }

  private static Tensor input(float value) {
    return Tensor.of("x", new float[] {value});
  }

  private static float value(InferenceResult result) {
    return result.first().toFloats()[0];
  }

  @Test
  void answersPipelinedStepsInOrder() {
    try (Peers peers = sums()) {
      McpSequence sequence = await(peers.client.sequence(SequenceRequest.of("m")));
      List<Future<InferenceResult>> steps = new ArrayList<>();
      for (int i = 1; i <= 100; i++) {
        steps.add(sequence.step(input(i)));
      }
      for (int i = 1; i <= 100; i++) {
        assertThat(value(await(steps.get(i - 1)))).isEqualTo(i * (i + 1) / 2f);
      }
      assertThat(await(steps.get(0)).modelVersion()).isEqualTo("3");
      await(sequence.end());
      assertThat(received).extracting(Message::chunkIndex).startsWith(0L, 1L, 2L).hasSize(100);
    }
  }

  @Test
  void namesTheModelOnceAndSendsWhatHoldsForAllStepsWithTheFirst() {
    byte[] id = new byte[16];
    id[3] = 7;
    try (Peers peers = sums()) {
      SequenceRequest request =
          SequenceRequest.of("m")
              .version("2")
              .sequenceId(id)
              .output("sum")
              .traceparent("00-1-2-01")
              .parameter("k", "v")
              .stepTimeoutMs(700);
      McpSequence sequence = await(peers.client.sequence(request));
      await(sequence.step(input(1)));
      await(sequence.step(List.of(input(1)), 900));
      await(sequence.last(input(1)));
      Message first = received.get(0);
      assertThat(first.modelName()).isEqualTo("m");
      assertThat(first.modelVersion()).isEqualTo("2");
      assertThat(first.sequenceId()).isEqualTo(id);
      assertThat(first.requestedOutputs()).containsExactly("sum");
      assertThat(first.traceparent()).isEqualTo("00-1-2-01");
      assertThat(first.parameters()).containsEntry("mode", "sequence").containsEntry("k", "v");
      assertThat(received).extracting(Message::timeoutMs).containsExactly(700L, 900L, 700L);
      assertThat(received.get(1).modelName()).isNull();
      assertThat(received.get(1).parameters()).isEmpty();
      assertThat(received.get(2).parameters()).containsEntry("sequence-end", "true");
    }
  }

  @Test
  void endWaitsForTheStepsUnderWay() {
    try (Peers peers = sums()) {
      McpSequence sequence = await(peers.client.sequence(SequenceRequest.of("m")));
      Future<InferenceResult> step = sequence.step(input(1));
      await(sequence.end());
      assertThat(step.succeeded()).isTrue();
      assertThat(codeOf(sequence.step(input(2)))).isEqualTo(ErrorCode.STREAM_CLOSED);
      await(sequence.end());
    }
  }

  @Test
  void aSequenceWithoutStepsEndsAtOnce() {
    try (Peers peers = sums()) {
      McpSequence sequence = await(peers.client.sequence(SequenceRequest.of("m")));
      await(sequence.end());
      assertThat(received).isEmpty();
    }
  }

  @Test
  void aStepThatFailsEndsTheSequenceAndNoOther() {
    Script script =
        step ->
            step.chunkIndex() == 1
                ? Message.status(ErrorCode.RUNTIME_FAILURE, "step 1").chunkIndex(1)
                : result(step, 1);
    try (Peers peers = scripted(script)) {
      McpSequence other = await(peers.client.sequence(SequenceRequest.of("m")));
      McpSequence sequence = await(peers.client.sequence(SequenceRequest.of("m")));
      Future<InferenceResult> good = sequence.step(input(1));
      Future<InferenceResult> bad = sequence.step(input(1));
      Future<InferenceResult> later = sequence.step(input(1));
      await(good);
      assertThat(errorOf(bad)).hasMessageContaining("step 1");
      assertThat(codeOf(later)).isEqualTo(ErrorCode.RUNTIME_FAILURE);
      assertThat(codeOf(sequence.step(input(1)))).isEqualTo(ErrorCode.RUNTIME_FAILURE);
      assertThat(codeOf(sequence.end())).isEqualTo(ErrorCode.RUNTIME_FAILURE);
      await(other.step(input(1)));
      await(other.end());
    }
  }

  @Test
  void cancelResetsTheStreamAndFailsTheStepsUnderWay() {
    try (Peers peers = scripted(step -> null)) {
      McpSequence sequence = await(peers.client.sequence(SequenceRequest.of("m")));
      Future<InferenceResult> step = sequence.step(input(1));
      sequence.cancel();
      assertThat(codeOf(step)).isEqualTo(ErrorCode.REQUEST_CANCELED);
      assertThat(await(canceled.future()).code()).isEqualTo(ErrorCode.REQUEST_CANCELED);
      assertThat(codeOf(sequence.step(input(2)))).isEqualTo(ErrorCode.REQUEST_CANCELED);
    }
  }

  @Test
  void aStepThatIsNotAnsweredInTimeEndsTheSequence() {
    try (Peers peers = scripted(step -> null)) {
      McpSequence sequence = await(peers.client.sequence(SequenceRequest.of("m")));
      Future<InferenceResult> step = sequence.step(List.of(input(1)), 20);
      assertThat(errorOf(step)).hasMessageContaining("step 0").hasMessageContaining("20 ms");
      assertThat(await(canceled.future()).code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    }
  }

  @Test
  void refusesTheAnswerOfAnotherStep() {
    try (Peers peers = scripted(step -> result(step, 1).chunkIndex(step.chunkIndex() + 1))) {
      McpSequence sequence = await(peers.client.sequence(SequenceRequest.of("m")));
      assertThat(errorOf(sequence.step(input(1))))
          .hasMessageContaining("step 0")
          .hasMessageContaining("step 1")
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.PROTOCOL_ERROR));
    }
  }

  @Test
  void aServerThatEndsEarlyFailsTheStepsUnderWay() {
    Peers peers = new Peers();
    peers.server.requestHandler(
        MessageType.INFERENCE_STREAM,
        request -> {
          request.message().release();
          request.stream().handler(Message::release);
          request.stream().end();
        });
    try (peers) {
      peers.start();
      McpSequence sequence = await(peers.client.sequence(SequenceRequest.of("m")));
      assertThat(codeOf(sequence.step(input(1)))).isEqualTo(ErrorCode.PROTOCOL_ERROR);
    }
  }

  @Test
  void aLostSessionFailsTheStepsUnderWay() {
    try (Peers peers = scripted(step -> null)) {
      McpSequence sequence = await(peers.client.sequence(SequenceRequest.of("m")));
      Future<InferenceResult> step = sequence.step(input(1));
      await(peers.client.close());
      assertThat(codeOf(step)).isEqualTo(ErrorCode.NETWORK_CONNECTION_CLOSED);
    }
  }

  @Test
  void boundsTheStepsThatWait() {
    try (Peers peers = scripted(step -> null)) {
      McpSequence sequence = await(peers.client.sequence(SequenceRequest.of("m")));
      for (int i = 0; i < McpSequence.MAX_PENDING_STEPS; i++) {
        sequence.step(input(i));
      }
      assertThat(codeOf(sequence.step(input(0)))).isEqualTo(ErrorCode.OVERLOADED);
      sequence.cancel();
    }
  }

  @Test
  void refusesWhatIsNoSequenceIdOrTimeout() {
    assertThatThrownBy(() -> SequenceRequest.of("m").sequenceId(new byte[15]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("16 bytes");
    assertThatThrownBy(() -> SequenceRequest.of("m").stepTimeoutMs(0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SequenceRequest.of("no name")).isInstanceOf(McpException.class);
  }
}

package io.modelcontrol.client;

import static io.modelcontrol.client.Peers.await;
import static io.modelcontrol.client.Peers.codeOf;
import static io.modelcontrol.client.Peers.errorOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The client's side of generation; the server is a script that counts, within its allowance. */
@Timeout(120)
class GenerationTest {
  private final Promise<Message> asked = Promise.promise();
  private final Promise<McpException> canceled = Promise.promise();
  private final AtomicLong made = new AtomicLong();
  private final AtomicLong allowed = new AtomicLong();
  private volatile boolean obedient = true;

  private Peers counting(long last) {
    Peers peers = new Peers();
    peers.server.requestHandler(MessageType.INFERENCE_REQ, request -> count(request, last));
    return peers.start();
  }

  private void count(McpServerRequest request, long last) {
    Message first = request.message().toHeap();
    asked.tryComplete(first);
    allowed.set(Long.parseLong(first.parameters().get("window")));
    McpStream stream = request.stream();
    stream.exceptionHandler(error -> canceled.tryComplete((McpException) error));
    stream.handler(
        credit -> {
          credit.release();
          allowed.set(credit.chunkIndex());
          send(stream, last);
        });
    send(stream, last);
  }

  private void send(McpStream stream, long last) {
    while (made.get() < last && (made.get() < allowed.get() || !obedient)) {
      stream.write(token(made.getAndIncrement()));
    }
    if (made.get() == last) {
      made.incrementAndGet();
      stream.end(end(last));
    }
  }

  private static Message token(long index) {
    return Message.of(MessageType.INFERENCE_RESULT)
        .tensor(Tensor.of("token", new long[] {1000 + index}))
        .chunkIndex(index);
  }

  private static Message end(long tokens) {
    return Message.of(MessageType.INFERENCE_RESULT)
        .parameter("finish-reason", "length")
        .parameter("tokens", "" + tokens);
  }

  @Test
  void tellsEachTokenAndTheEnd() {
    try (Peers peers = counting(500)) {
      McpGeneration tokens = await(peers.client.generate(GenerationRequest.of("m", 1)));
      List<GeneratedToken> got = Collections.synchronizedList(new ArrayList<>());
      Promise<Void> ended = Promise.promise();
      tokens.endHandler(ended::complete).handler(got::add);
      assertThat(await(tokens.result())).isEqualTo(new GenerationEnd(GenerationEnd.LENGTH, 500));
      await(ended.future());
      assertThat(got).extracting(GeneratedToken::index).isEqualTo(range(0, 500));
      assertThat(got).extracting(GeneratedToken::id).isEqualTo(range(1000, 1500));
    }
  }

  private static List<Long> range(long from, long to) {
    return LongStream.range(from, to).boxed().toList();
  }

  @Test
  void asksForWhatTheRequestSays() {
    try (Peers peers = counting(0)) {
      GenerationRequest request =
          GenerationRequest.of("m", 1, 2)
              .version("4")
              .input("ids")
              .maxTokens(9)
              .temperature(0.5)
              .topK(3)
              .topP(0.25)
              .seed(-1)
              .stopTokens(2, 13)
              .window(5)
              .timeoutMs(60_000);
      await(await(peers.client.generate(request)).result());
      Message message = await(asked.future());
      assertThat(message.modelName()).isEqualTo("m");
      assertThat(message.modelVersion()).isEqualTo("4");
      assertThat(message.timeoutMs()).isBetween(1L, 60_000L);
      assertThat(message.tensors().get(0).name()).isEqualTo("ids");
      assertThat(message.tensors().get(0).toLongs()).containsExactly(1, 2);
      assertThat(message.parameters())
          .containsEntry("mode", "generate")
          .containsEntry("max-tokens", "9")
          .containsEntry("temperature", "0.5")
          .containsEntry("top-k", "3")
          .containsEntry("top-p", "0.25")
          .containsEntry("seed", "-1")
          .containsEntry("stop-tokens", "2,13")
          .containsEntry("window", "5")
          .hasSize(8);
    }
  }

  @Test
  void withoutATimeOfItsOwnItAsksForTheLongest() {
    try (Peers peers = counting(0)) {
      await(await(peers.client.generate(GenerationRequest.of("m", 1))).result());
      assertThat(await(asked.future()).timeoutMs()).isGreaterThan(600_000);
    }
  }

  @Test
  void aReaderThatPausesHoldsTheServerWithinTheWindow() {
    try (Peers peers = counting(200)) {
      GenerationRequest request = GenerationRequest.of("m", 1).window(8);
      McpGeneration tokens = await(peers.client.generate(request));
      List<GeneratedToken> got = Collections.synchronizedList(new ArrayList<>());
      tokens.pause().handler(got::add);
      await().untilAtomic(made, org.hamcrest.Matchers.is(8L));
      assertThat(got).isEmpty();
      tokens.fetch(10);
      await().until(() -> got.size() == 10 && made.get() >= 14);
      await(peers.client.ping());
      assertThat(got).hasSize(10);
      assertThat(made.get()).isBetween(14L, 18L);
      tokens.resume();
      await(tokens.result());
      assertThat(got).extracting(GeneratedToken::index).isEqualTo(range(0, 200));
    }
  }

  @Test
  void aHandlerThatPausesGetsNoFurtherToken() {
    try (Peers peers = counting(200)) {
      McpGeneration tokens = await(peers.client.generate(GenerationRequest.of("m", 1)));
      List<Long> got = Collections.synchronizedList(new ArrayList<>());
      tokens.handler(
          token -> {
            got.add(token.index());
            tokens.pause();
            peers.vertx.setTimer(1, id -> tokens.fetch(1));
          });
      await(tokens.result());
      assertThat(got).isEqualTo(range(0, 200));
    }
  }

  @Test
  void keepsTokensUntilThereIsAHandler() {
    try (Peers peers = counting(12)) {
      McpGeneration tokens = await(peers.client.generate(GenerationRequest.of("m", 1)));
      await().untilAtomic(made, org.hamcrest.Matchers.is(13L));
      await(peers.client.ping());
      assertThat(tokens.result().isComplete()).isFalse();
      List<GeneratedToken> got = Collections.synchronizedList(new ArrayList<>());
      tokens.handler(got::add);
      await(tokens.result());
      assertThat(got).hasSize(12);
    }
  }

  @Test
  void handlersRunOnTheContextThatAsked() {
    try (Peers peers = counting(50)) {
      Context context = peers.vertx.getOrCreateContext();
      Promise<Boolean> same = Promise.promise();
      context.runOnContext(
          v ->
              peers
                  .client
                  .generate(GenerationRequest.of("m", 1))
                  .onSuccess(
                      tokens -> {
                        tokens.handler(token -> {});
                        tokens.endHandler(
                            end -> same.complete(peers.vertx.getOrCreateContext() == context));
                      }));
      assertThat(await(same.future())).isTrue();
    }
  }

  @Test
  void cancelEndsItOnBothSides() {
    try (Peers peers = counting(Long.MAX_VALUE)) {
      McpGeneration tokens = await(peers.client.generate(GenerationRequest.of("m", 1)));
      List<GeneratedToken> got = Collections.synchronizedList(new ArrayList<>());
      tokens.handler(
          token -> {
            got.add(token);
            if (token.index() == 20) {
              tokens.cancel();
            }
          });
      assertThat(codeOf(tokens.result())).isEqualTo(ErrorCode.REQUEST_CANCELED);
      assertThat(await(canceled.future()).code()).isEqualTo(ErrorCode.REQUEST_CANCELED);
      assertThat(got).hasSize(21);
    }
  }

  @Test
  void aCancellationEndsItBeforeItsFirstToken() {
    Peers peers = new Peers();
    peers.server.requestHandler(
        MessageType.INFERENCE_REQ, request -> asked.complete(request.message().toHeap()));
    try (peers) {
      peers.start();
      Cancellation cancellation = new Cancellation();
      Future<McpGeneration> tokens =
          peers.client.generate(GenerationRequest.of("m", 1), cancellation);
      await(asked.future());
      cancellation.cancel();
      assertThat(codeOf(tokens)).isEqualTo(ErrorCode.REQUEST_CANCELED);
    }
  }

  @Test
  void anErrorBeforeTheFirstTokenFailsTheCall() {
    Peers peers = new Peers();
    peers.server.requestHandler(
        MessageType.INFERENCE_REQ,
        request -> {
          request.message().release();
          request.fail(McpException.streamError(ErrorCode.MODEL_NOT_FOUND, "none"));
        });
    try (peers) {
      peers.start();
      assertThat(codeOf(peers.client.generate(GenerationRequest.of("m", 1))))
          .isEqualTo(ErrorCode.MODEL_NOT_FOUND);
    }
  }

  @Test
  void anErrorAfterSomeTokensComesAfterThem() {
    Peers peers = new Peers();
    peers.server.requestHandler(
        MessageType.INFERENCE_REQ,
        request -> {
          request.message().release();
          request.stream().handler(Message::release);
          request.stream().write(token(0));
          request.stream().write(token(1));
          request.fail(McpException.streamError(ErrorCode.RUNTIME_FAILURE, "broken"));
        });
    try (peers) {
      peers.start();
      McpGeneration tokens = await(peers.client.generate(GenerationRequest.of("m", 1)));
      List<String> told = Collections.synchronizedList(new ArrayList<>());
      tokens
          .exceptionHandler(error -> told.add(error.getMessage()))
          .endHandler(v -> told.add("end"))
          .handler(token -> told.add("" + token.index()));
      assertThat(codeOf(tokens.result())).isEqualTo(ErrorCode.RUNTIME_FAILURE);
      assertThat(told).containsExactly("0", "1", "broken");
    }
  }

  @Test
  void refusesMoreThanItHasAllowed() {
    obedient = false;
    try (Peers peers = counting(100)) {
      McpGeneration tokens =
          await(peers.client.generate(GenerationRequest.of("m", 1).window(4))).pause();
      assertThat(await(canceled.future()).code()).isEqualTo(ErrorCode.FLOW_CONTROL);
      List<GeneratedToken> got = Collections.synchronizedList(new ArrayList<>());
      tokens.resume().handler(got::add);
      assertThat(errorOf(tokens.result())).hasMessageContaining("below 4");
      assertThat(got).hasSizeLessThanOrEqualTo(4);
    }
  }

  @Test
  void refusesAResultThatIsNoToken() {
    Peers peers = new Peers();
    peers.server.requestHandler(
        MessageType.INFERENCE_REQ,
        request -> {
          request.message().release();
          request.stream().handler(Message::release);
          request.stream().write(Message.of(MessageType.INFERENCE_RESULT).chunkIndex(0));
        });
    try (peers) {
      peers.start();
      assertThat(codeOf(peers.client.generate(GenerationRequest.of("m", 1))))
          .isEqualTo(ErrorCode.PROTOCOL_ERROR);
    }
  }

  @Test
  void refusesWhatCannotBeAskedFor() {
    GenerationRequest request = GenerationRequest.of("m", 1);
    assertIllegal(() -> GenerationRequest.of("m"), "prompt");
    assertIllegal(() -> request.maxTokens(0), "maxTokens");
    assertIllegal(() -> request.temperature(Double.NaN), "temperature");
    assertIllegal(() -> request.temperature(-1), "temperature");
    assertIllegal(() -> request.topK(0), "topK");
    assertIllegal(() -> request.topP(0), "topP");
    assertIllegal(() -> request.topP(1.1), "topP");
    assertIllegal(() -> request.seed(Long.MAX_VALUE), "seed");
    assertIllegal(() -> request.seed(Long.MIN_VALUE), "seed");
    assertIllegal(() -> request.window(0), "window");
    assertIllegal(() -> request.window(65_537), "window");
    assertIllegal(() -> request.timeoutMs(0), "timeoutMs");
    assertThat(request.parameters()).isEmpty();
  }

  private static void assertIllegal(Runnable call, String name) {
    assertThatThrownBy(call::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(name);
  }
}

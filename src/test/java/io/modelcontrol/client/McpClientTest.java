package io.modelcontrol.client;

import static io.modelcontrol.client.Peers.await;
import static io.modelcontrol.client.Peers.codeOf;
import static io.modelcontrol.client.Peers.errorOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class McpClientTest {
  @Test
  void isReadyAndKnownAfterConnect() {
    try (Peers peers = new Peers().start()) {
      assertThat(peers.client.identity()).isEqualTo("anonymous");
      assertThat(peers.server.sessionCount()).isEqualTo(1);
    }
  }

  @Test
  void connectsOnceForAnyNumberOfCalls() {
    try (Peers peers = new Peers().start()) {
      await(peers.client.connect());
      await(Future.all(peers.client.connect(), peers.client.connect()));
      assertThat(peers.server.sessionCount()).isEqualTo(1);
    }
  }

  @Test
  void getsAnApplicationsOwnMessageBack() {
    try (Peers peers = new Peers().start()) {
      Message answer =
          await(peers.client.request(Message.ofApplication(Peers.ECHO).parameter("k", "v")));
      assertThat(answer.type()).isEqualTo(Peers.ECHO);
      assertThat(answer.parameters()).containsEntry("k", "v");
    }
  }

  @Test
  void infersWithNamedOutputsAndTheRuntimesTime() {
    Peers peers = new Peers();
    peers.server.requestHandler(MessageType.INFERENCE_REQ, McpClientTest::answerTwice);
    try (peers) {
      peers.start();
      Tensor input = Tensor.of("x", new float[] {1, 2, 3});
      InferenceResult first = await(peers.client.infer("doubling", input));
      InferenceResult again = await(peers.client.infer("doubling", input));
      assertThat(first.first().name()).isEqualTo("y");
      assertThat(first.tensor("y").toFloats()).containsExactly(2, 4, 6);
      assertThat(first.runtimeMicros()).hasValue(17);
      assertThat(first.modelVersion()).isEqualTo("3");
      assertThat(again.tensor("y").data().isDirect()).isFalse();
    }
  }

  /** y = 2 x, and checks what every request brings. */
  private static void answerTwice(McpServerRequest request) {
    Message message = request.message();
    assertThat(message.requestId()).hasSize(16);
    assertThat(message.timeoutMs()).isBetween(1L, 30_000L);
    float[] values = message.tensors().get(0).toFloats();
    message.release();
    for (int i = 0; i < values.length; i++) {
      values[i] *= 2;
    }
    request.reply(
        Message.of(MessageType.INFERENCE_RESULT)
            .tensor(Tensor.of("y", values))
            .modelVersion("3")
            .parameter(InferenceResult.RUNTIME_MICROS, "17"));
  }

  @Test
  void failsWithTheServersCodeTextAndRetryAfter() {
    Peers peers = new Peers();
    peers.server.requestHandler(
        MessageType.INFERENCE_REQ,
        request -> {
          request.message().release();
          request.fail(
              McpException.streamError(ErrorCode.OVERLOADED, "later").withRetryAfterMs(250));
        });
    try (peers) {
      peers.start(new McpClientOptions().setRetry(new RetryOptions().setMaxAttempts(1)));
      McpException error = errorOf(peers.client.infer("m"));
      assertThat(error.code()).isEqualTo(ErrorCode.OVERLOADED);
      assertThat(error).hasMessage("later");
      assertThat(error.retryAfterMs()).isEqualTo(250);
      assertThat(await(peers.client.ping())).isPositive();
    }
  }

  @Test
  void isToldOfAMessageThatNobodyHandles() {
    try (Peers peers = new Peers().start()) {
      assertThat(codeOf(peers.client.request(Message.ofApplication(0xFE))))
          .isEqualTo(ErrorCode.UNSUPPORTED_MESSAGE);
      assertThat(await(peers.client.ping())).isPositive();
    }
  }

  @Test
  void carriesTensorsFarAboveTheStreamWindowBothWays() {
    Random random = new Random(5);
    byte[] bytes = new byte[16 * 1024 * 1024];
    random.nextBytes(bytes);
    try (Peers peers = new Peers().start()) {
      List<Future<Message>> answers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        answers.add(
            peers.client.request(
                Message.ofApplication(Peers.ECHO).tensor(Tensor.of("big", bytes))));
      }
      for (Future<Message> answer : answers) {
        assertThat(await(answer).tensors().get(0).toByteArray()).isEqualTo(bytes);
      }
    }
  }

  @Test
  void doesAThousandRequestsOverAHundredStreams() {
    McpServerOptions options = new McpServerOptions().setMaxConcurrentStreams(100);
    try (Peers peers = new Peers(options).start()) {
      List<Future<Message>> answers = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        answers.add(peers.client.request(Message.ofApplication(Peers.ECHO).parameter("i", "" + i)));
      }
      for (int i = 0; i < answers.size(); i++) {
        assertThat(await(answers.get(i)).parameters()).containsEntry("i", "" + i);
      }
    }
  }

  @Test
  void refusesWhatTheQueueDoesNotHold() {
    McpServerOptions options = new McpServerOptions().setMaxConcurrentStreams(1);
    try (Peers peers = new Peers(options).start(new McpClientOptions().setMaxQueuedRequests(1))) {
      Future<Message> running = peers.client.request(Message.ofApplication(Peers.SILENT));
      Future<Message> waiting = peers.client.request(Message.ofApplication(Peers.SILENT));
      assertThat(codeOf(peers.client.request(Message.ofApplication(Peers.SILENT))))
          .isEqualTo(ErrorCode.OVERLOADED);
      assertThat(running.isComplete()).isFalse();
      assertThat(waiting.isComplete()).isFalse();
    }
  }

  @Test
  void givesUpAtTheTimeoutAndTellsTheServer() {
    Peers peers = new Peers();
    Promise<Throwable> told = Promise.promise();
    peers.server.requestHandler(
        MessageType.INFERENCE_REQ,
        request -> {
          request.message().release();
          request.stream().exceptionHandler(told::complete);
        });
    try (peers) {
      peers.start();
      InferenceRequest request = InferenceRequest.of("slow").timeoutMs(20);
      assertThat(codeOf(peers.client.infer(request))).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
      assertThat(((McpException) await(told.future())).code())
          .isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    }
  }

  @Test
  void countsTheWaitForAStreamAgainstTheTimeout() {
    McpServerOptions options = new McpServerOptions().setMaxConcurrentStreams(1);
    try (Peers peers = new Peers(options).start()) {
      Future<Message> blocking = peers.client.request(Message.ofApplication(Peers.SILENT));
      InferenceRequest request = InferenceRequest.of("m").timeoutMs(20);
      assertThat(codeOf(peers.client.infer(request))).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
      assertThat(blocking.isComplete()).isFalse();
    }
  }

  @Test
  void cancelsRequestsTogether() {
    Peers peers = new Peers();
    AtomicInteger seen = new AtomicInteger();
    Promise<Throwable> told = Promise.promise();
    Cancellation cancellation = new Cancellation();
    peers.server.requestHandler(
        MessageType.INFERENCE_REQ,
        request -> {
          request.message().release();
          request.stream().exceptionHandler(told::tryComplete);
          if (seen.incrementAndGet() == 2) {
            cancellation.cancel();
          }
        });
    try (peers) {
      peers.start();
      Future<?> one = peers.client.infer(InferenceRequest.of("m"), cancellation);
      Future<?> other = peers.client.infer(InferenceRequest.of("m"), cancellation);
      assertThat(codeOf(one)).isEqualTo(ErrorCode.REQUEST_CANCELED);
      assertThat(codeOf(other)).isEqualTo(ErrorCode.REQUEST_CANCELED);
      assertThat(((McpException) await(told.future())).code())
          .isEqualTo(ErrorCode.REQUEST_CANCELED);
      assertThat(codeOf(peers.client.infer(InferenceRequest.of("m"), cancellation)))
          .isEqualTo(ErrorCode.REQUEST_CANCELED);
    }
  }

  @Test
  void failsWhatIsUnderWayWhenTheServerCloses() {
    try (Peers peers = new Peers().start(new McpClientOptions().setReconnectTimeoutMs(0))) {
      Promise<Void> closed = Promise.promise();
      peers.client.closeHandler(v -> closed.complete());
      Future<Message> running = peers.client.request(Message.ofApplication(Peers.SILENT));
      await(peers.client.ping());
      await(peers.server.close());
      assertThat(codeOf(running)).isEqualTo(ErrorCode.NETWORK_CONNECTION_CLOSED);
      await(closed.future());
      assertThat(codeOf(peers.client.ping())).isEqualTo(ErrorCode.NETWORK_CONNECTION_CLOSED);
    }
  }

  @Test
  void finishesWhatIsUnderWayWhenTheServerDrains() {
    Peers peers = new Peers();
    Promise<Runnable> arrived = Promise.promise();
    peers.server.requestHandler(0x82, request -> arrived.complete(replying(request)));
    try (peers) {
      peers.start();
      Future<Message> running = peers.client.request(Message.ofApplication(0x82));
      Runnable reply = await(arrived.future());
      Future<Void> down = peers.server.shutdown(20, TimeUnit.SECONDS);
      awaitRefusal(peers);
      reply.run();
      assertThat(await(running).type()).isEqualTo(0x83);
      await(down);
    }
  }

  /** Asks until the GOAWAY has arrived. */
  private static void awaitRefusal(Peers peers) {
    Future<Message> refused;
    do {
      refused = peers.client.request(Message.ofApplication(Peers.ECHO));
      Future<Message> done = refused.otherwiseEmpty();
      await(done);
    } while (refused.succeeded());
    assertThat(codeOf(refused)).isEqualTo(ErrorCode.REFUSED_STREAM);
  }

  /** Answers from any thread, when it is run. */
  private static Runnable replying(McpServerRequest request) {
    Context session = Vertx.currentContext();
    return () ->
        session.runOnContext(
            v -> {
              request.message().release();
              request.reply(Message.ofApplication(0x83));
            });
  }

  @Test
  void finishesWhatIsUnderWayWhenItShutsDown() {
    Peers peers = new Peers();
    Promise<Runnable> arrived = Promise.promise();
    peers.server.requestHandler(0x82, request -> arrived.complete(replying(request)));
    try (peers) {
      peers.start();
      Future<Message> running = peers.client.request(Message.ofApplication(0x82));
      Runnable reply = await(arrived.future());
      Future<Void> down = peers.client.shutdown(20, TimeUnit.SECONDS);
      reply.run();
      assertThat(await(running).type()).isEqualTo(0x83);
      await(down);
    }
  }

  @Test
  void tellsThatNobodyListens() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    Vertx vertx = Vertx.vertx();
    try {
      McpClient client = McpClient.create(vertx, new McpClientOptions().setPort(port));
      Future<Void> connect = client.connect();
      Future<Long> ping = client.ping();
      assertThat(codeOf(connect)).isEqualTo(ErrorCode.NETWORK_CONNECTION_REFUSED);
      assertThat(codeOf(ping))
          .isIn(ErrorCode.NETWORK_CONNECTION_REFUSED, ErrorCode.NETWORK_CONNECTION_CLOSED);
      await(client.close());
    } finally {
      await(vertx.close());
    }
  }

  @Test
  void givesUpOnAServerThatDoesNotNegotiate() {
    Vertx vertx = Vertx.vertx();
    try {
      NetServer mute = vertx.createNetServer().connectHandler(socket -> {});
      await(mute.listen(0, "127.0.0.1"));
      McpClientOptions options =
          new McpClientOptions().setPort(mute.actualPort()).setConnectTimeoutMs(50);
      McpClient client = McpClient.create(vertx, options);
      assertThat(codeOf(client.connect())).isEqualTo(ErrorCode.NEGOTIATION_TIMEOUT);
      await(client.close());
    } finally {
      await(vertx.close());
    }
  }

  @Test
  void refusesAServerThatSpeaksAnotherProtocol() {
    Vertx vertx = Vertx.vertx();
    try {
      NetServer http =
          vertx
              .createNetServer()
              .connectHandler(socket -> socket.write(Buffer.buffer("HTTP/1.1 400 Bad\r\n\r\n")));
      await(http.listen(0, "127.0.0.1"));
      McpClient client = McpClient.create(vertx, new McpClientOptions().setPort(http.actualPort()));
      assertThat(codeOf(client.connect())).isEqualTo(ErrorCode.MALFORMED_FRAME);
      await(client.close());
    } finally {
      await(vertx.close());
    }
  }

  @Test
  void isToldThatItsAuthenticationIsNotAccepted() {
    Peers peers = new Peers();
    try (peers) {
      await(peers.server.listen());
      McpClientOptions options =
          new McpClientOptions().setPort(peers.server.actualPort()).setAuthMethod("token");
      peers.client = McpClient.create(peers.vertx, options);
      assertThat(codeOf(peers.client.connect())).isEqualTo(ErrorCode.UNAUTHENTICATED);
    }
  }

  @Test
  void connectsAgainAfterALoss() {
    try (Peers peers = new Peers()) {
      peers.server.sessionHandler(
          session -> {
            if (peers.server.sessionCount() == 1 && peers.client.identity().isEmpty()) {
              session.close();
            }
          });
      Promise<Void> lost = Promise.promise();
      await(peers.server.listen());
      McpClientOptions options = new McpClientOptions().setPort(peers.server.actualPort());
      peers.client = McpClient.create(peers.vertx, options);
      peers.client.closeHandler(v -> lost.tryComplete());
      await(peers.client.connect().otherwiseEmpty());
      await(lost.future());
      await(peers.client.connect());
      assertThat(await(peers.client.ping())).isPositive();
    }
  }

  @Test
  void worksOnTheEventLoopThatCreatedIt() {
    Peers peers = new Peers().start();
    try (peers) {
      Context mine = peers.vertx.getOrCreateContext();
      Promise<Boolean> same = Promise.promise();
      mine.runOnContext(
          v -> {
            McpClientOptions options = new McpClientOptions().setPort(peers.server.actualPort());
            McpClient client = McpClient.create(peers.vertx, options);
            client
                .connect()
                .compose(c -> client.request(Message.ofApplication(Peers.ECHO)))
                .map(answer -> Vertx.currentContext() == mine)
                .onComplete(same);
          });
      assertThat(await(same.future())).isTrue();
    }
  }
}

package io.modelcontrol.client;

import static io.modelcontrol.client.Peers.await;
import static io.modelcontrol.client.Peers.codeOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.ModelId;
import io.modelcontrol.ModelState;
import io.modelcontrol.Tensor;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Application streams, subscriptions and session verticles over real sockets. */
@Timeout(120)
class StreamsTest {
  private static final Duration WAIT = Duration.ofSeconds(30);
  private static final int CHAT = 0x90;

  @Test
  void carriesManyMessagesBothWays() {
    Peers peers = new Peers();
    peers.server.requestHandler(CHAT, StreamsTest::answerEach);
    try (peers) {
      peers.start();
      Promise<List<String>> all = Promise.promise();
      List<String> got = new ArrayList<>();
      await(
          peers.client.stream()
              .onSuccess(
                  stream -> {
                    stream.handler(message -> got.add(take(message)));
                    stream.endHandler(v -> all.complete(got));
                    stream.write(numbered(1));
                    stream.write(numbered(2));
                    stream.end(numbered(3));
                  }));
      assertThat(await(all.future())).containsExactly("1", "2", "3");
    }
  }

  private static Message numbered(int number) {
    return Message.ofApplication(CHAT).parameter("n", "" + number);
  }

  private static String take(Message message) {
    message.release();
    return message.parameters().get("n");
  }

  private static void answerEach(McpServerRequest request) {
    McpStream stream = request.stream();
    stream.handler(message -> stream.write(numbered(Integer.parseInt(take(message)))));
    stream.endHandler(v -> stream.end());
    stream.write(numbered(Integer.parseInt(take(request.message()))));
  }

  @Test
  void aStreamThatEndsWithoutAnyMessageLeavesNothingBehind() {
    try (Peers peers = new Peers(new McpServerOptions().setMaxConcurrentStreams(1)).start()) {
      Promise<Void> ended = Promise.promise();
      await(
          peers.client.stream()
              .onSuccess(
                  stream -> {
                    stream.endHandler(ended::complete);
                    stream.end();
                  }));
      await(ended.future());
      await(peers.client.request(Message.ofApplication(Peers.ECHO)));
    }
  }

  @Test
  void aReaderThatPausesStopsTheWriterAndNobodyElse() {
    Peers peers = new Peers();
    AtomicInteger written = new AtomicInteger();
    int total = 200;
    peers.server.requestHandler(CHAT, request -> flood(request, written, total));
    try (peers) {
      peers.start();
      AtomicInteger got = new AtomicInteger();
      Context[] mine = new Context[1];
      McpStream stream =
          await(
              peers.client.stream()
                  .onSuccess(
                      opened -> {
                        mine[0] = Vertx.currentContext();
                        opened.handler(
                            message -> {
                              message.release();
                              got.incrementAndGet();
                            });
                        opened.pause();
                        opened.end(Message.ofApplication(CHAT));
                      }));
      await().atMost(WAIT).until(() -> written.get() > 0);
      await(peers.client.request(Message.ofApplication(Peers.ECHO)));
      await(peers.client.ping());
      assertThat(written.get()).isLessThan(total);
      assertThat(got.get()).isZero();
      mine[0].runOnContext(v -> stream.resume());
      await().atMost(WAIT).until(() -> got.get() == total);
    }
  }

  @Test
  void aReaderThatTakesOneMessageAtATimeGetsThemAll() {
    Peers peers = new Peers();
    int total = 100;
    peers.server.requestHandler(CHAT, request -> flood(request, new AtomicInteger(), total));
    try (peers) {
      peers.start();
      AtomicInteger got = new AtomicInteger();
      Promise<Void> ended = Promise.promise();
      await(
          peers.client.stream()
              .onSuccess(
                  stream -> {
                    stream.pause();
                    stream.endHandler(ended::complete);
                    stream.handler(message -> takeSlowly(stream, message, got));
                    stream.fetch(1);
                    stream.end(Message.ofApplication(CHAT));
                  }));
      await(ended.future());
      assertThat(got.get()).isEqualTo(total);
    }
  }

  /** Asks for the next one within the handler or later, in turn; at last for all. */
  private static void takeSlowly(McpStream stream, Message message, AtomicInteger got) {
    message.release();
    int count = got.incrementAndGet();
    if (count == 50) {
      stream.resume();
    } else if (count < 50 && count % 2 == 0) {
      stream.fetch(1);
    } else if (count < 50) {
      Vertx.currentContext().runOnContext(v -> stream.fetch(1));
    }
  }

  @Test
  void anIdleSessionLivesOnByItsKeepalive() {
    try (Peers peers = new Peers(new McpServerOptions().setKeepaliveMs(100)).start()) {
      AtomicInteger closed = new AtomicInteger();
      peers.client.closeHandler(v -> closed.incrementAndGet());
      await().during(Duration.ofMillis(700)).atMost(WAIT).until(() -> closed.get() == 0);
      assertThat(peers.server.sessionCount()).isEqualTo(1);
    }
  }

  /** Writes 64 KiB messages as long as the stream takes them. */
  private static void flood(McpServerRequest request, AtomicInteger written, int total) {
    request.message().release();
    writeMore(request.stream(), written, total);
    request.stream().drainHandler(v -> writeMore(request.stream(), written, total));
  }

  private static void writeMore(McpStream stream, AtomicInteger written, int total) {
    while (written.get() < total && !stream.writeQueueFull()) {
      Message message = Message.ofApplication(CHAT).tensor(Tensor.of("t", new byte[64 * 1024]));
      if (written.incrementAndGet() == total) {
        stream.end(message);
      } else {
        stream.write(message);
      }
    }
  }

  @Test
  void aSubscriptionIsToldOfEachChangeUntilItIsCanceled() {
    Peers peers = new Peers();
    Promise<Runnable> push = Promise.promise();
    Promise<Throwable> ended = Promise.promise();
    peers.server.requestHandler(
        MessageType.STATE_SYNC,
        request -> {
          assertThat(request.message().parameters()).containsEntry("subscribe", "true");
          request.message().release();
          request.stream().exceptionHandler(ended::complete);
          request.stream().write(Message.of(MessageType.STATE_SYNC));
          Context session = Vertx.currentContext();
          push.complete(() -> session.runOnContext(v -> request.stream().write(oneModel())));
        });
    try (peers) {
      peers.start();
      List<Integer> sizes = Collections.synchronizedList(new ArrayList<>());
      McpSubscription subscription = await(peers.client.watch(models -> sizes.add(models.size())));
      await(push.future()).run();
      await().atMost(WAIT).until(() -> sizes.equals(List.of(0, 1)));
      await(subscription.cancel());
      await(ended.future());
    }
  }

  private static Message oneModel() {
    return Message.of(MessageType.STATE_SYNC)
        .descriptor(
            new ModelDescriptor(
                new ModelId("m", "1"),
                null,
                List.of(),
                List.of(),
                List.of(),
                "reference",
                Map.of(),
                ModelState.READY));
  }

  @Test
  void aSubscriptionTellsThatTheConnectionWasLost() {
    Peers peers = new Peers();
    peers.server.requestHandler(
        MessageType.STATE_SYNC,
        request -> {
          request.message().release();
          request.stream().write(oneModel());
        });
    try (peers) {
      peers.start();
      McpSubscription subscription = await(peers.client.watch(models -> {}));
      Promise<Throwable> lost = Promise.promise();
      subscription.exceptionHandler(lost::complete);
      await(peers.server.close());
      assertThat(await(lost.future())).hasMessageContaining("clos");
    }
  }

  @Test
  void eachSessionIsAVerticleOnItsSocketsEventLoopAndGoesWithIt() {
    Peers peers = new Peers();
    Promise<String> id = Promise.promise();
    Promise<Boolean> loop = Promise.promise();
    peers.server.sessionHandler(
        session -> {
          id.complete(session.deploymentID());
          loop.complete(Context.isOnEventLoopThread());
        });
    try (peers) {
      peers.start();
      assertThat(await(loop.future())).isTrue();
      await().atMost(WAIT).until(() -> peers.vertx.deploymentIDs().size() == 1);
      assertThat(peers.vertx.deploymentIDs()).containsExactly(await(id.future()));
      await(peers.client.close());
      await().atMost(WAIT).until(() -> peers.vertx.deploymentIDs().isEmpty());
      assertThat(peers.server.sessionCount()).isZero();
    }
  }

  @Test
  void manyTimeoutsDoNotCostTheSession() {
    try (Peers peers = new Peers().start(new McpClientOptions().setRequestTimeoutMs(50))) {
      List<Future<Message>> requests = new ArrayList<>();
      for (int i = 0; i < 120; i++) {
        requests.add(peers.client.request(Message.ofApplication(Peers.SILENT)));
      }
      requests.forEach(
          request -> assertThat(codeOf(request)).isEqualTo(ErrorCode.DEADLINE_EXCEEDED));
      assertThat(await(peers.client.ping())).isPositive();
    }
  }
}

package io.modelcontrol.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.server.McpServer;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.testing.CutProxy;
import io.modelcontrol.wire.Message;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sessions that go on over another connection, with real sockets. */
class ResumeTest {
  private static final int ECHO = 0x80;
  private static final int HELD = 0x81;
  private static final int MESSAGES = 300;

  /** A request that waits for its answer, and where it is answered. */
  private record Held(Context context, McpServerRequest request) {}

  private final Vertx vertx = Vertx.vertx();
  private final Queue<Held> held = new ConcurrentLinkedQueue<>();
  private final AtomicInteger seen = new AtomicInteger();
  private final List<McpClient> clients = new ArrayList<>();
  private McpServer server;
  private CutProxy network;
  private int port;

  @AfterEach
  void stop() {
    clients.forEach(client -> get(client.close()));
    get(network.close());
    get(server.close());
    get(vertx.close());
  }

  @Test
  void anAnswerThatWasMadeMeanwhileArrives() {
    listen(new McpServerOptions());
    McpClient client = connect(new McpClientOptions());
    Future<Message> answer = client.request(message(HELD, 7));
    await().until(() -> !held.isEmpty());
    network.refuse(true);
    network.cut();
    reply(held.remove());
    network.refuse(false);
    assertThat(get(answer).parameters()).containsEntry("number", "7");
    assertThat(seen).hasValue(1);
  }

  @Test
  void aRequestThatIsMadeMeanwhileIsSent() {
    listen(new McpServerOptions());
    McpClient client = connect(new McpClientOptions());
    get(client.ping());
    network.refuse(true);
    network.cut();
    Future<Message> answer = client.request(message(HELD, 8));
    network.refuse(false);
    await().until(() -> !held.isEmpty());
    reply(held.remove());
    assertThat(get(answer).parameters()).containsEntry("number", "8");
  }

  @Test
  void streamsGoOnInBothDirectionsWhereverTheyAreCut() {
    listen(new McpServerOptions());
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<Future<List<String>>> all = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      all.add(echoAll(connect(new McpClientOptions())));
    }
    int cuts = 0;
    while (!all.stream().allMatch(Future::isComplete) && cuts < 40) {
      int before = network.cuts();
      network.cutAfter(1 + random.nextInt(20_000));
      await("streams to end, or the next cut, with seed " + seed)
          .atMost(60, TimeUnit.SECONDS)
          .until(() -> network.cuts() > before || all.stream().allMatch(Future::isComplete));
      cuts++;
    }
    List<String> expected = IntStream.range(0, MESSAGES).mapToObj(Integer::toString).toList();
    for (Future<List<String>> echoed : all) {
      assertThat(get(echoed)).as("with seed %d", seed).isEqualTo(expected);
    }
    assertThat(network.cuts()).isPositive();
  }

  @Test
  void aHalfOpenConnectionIsNoticedAndReplaced() {
    listen(new McpServerOptions().setKeepaliveMs(200));
    McpClient client = connect(new McpClientOptions().setKeepaliveMs(200));
    get(client.ping());
    network.silence();
    Future<Message> answer = client.request(message(HELD, 9));
    await().atMost(20, TimeUnit.SECONDS).until(() -> !held.isEmpty());
    reply(held.remove());
    assertThat(get(answer).parameters()).containsEntry("number", "9");
    assertThat(network.connections()).isGreaterThan(1);
  }

  @Test
  void aSessionEndsWhoseClientDoesNotComeBack() {
    listen(new McpServerOptions().setResumeTimeoutMs(300));
    Promise<Void> gone = Promise.promise();
    McpClient client = connect(new McpClientOptions());
    Promise<Void> canceled = Promise.promise();
    client.request(message(HELD, 1));
    await().until(() -> !held.isEmpty());
    held.element().request.stream().exceptionHandler(e -> canceled.complete());
    held.element().request.session().closeHandler(v -> gone.complete());
    network.refuse(true);
    network.cut();
    get(gone.future());
    get(canceled.future());
    await().until(() -> server.sessionCount() == 0);
  }

  @Test
  void aLostSessionFailsItsStreamsAndTheNextRequestGetsANewOne() {
    listen(new McpServerOptions().setResumeTimeoutMs(100));
    McpClient client = connect(new McpClientOptions());
    Future<Message> running = client.request(message(HELD, 1));
    await().until(() -> !held.isEmpty());
    network.refuse(true);
    network.cut();
    await().until(() -> server.sessionCount() == 0);
    network.refuse(false);
    assertThatThrownBy(() -> get(running))
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            McpException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.NETWORK_CONNECTION_CLOSED));
    held.clear();
    Future<Message> next = client.request(message(HELD, 2));
    await().until(() -> !held.isEmpty());
    reply(held.remove());
    assertThat(get(next).parameters()).containsEntry("number", "2");
  }

  @Test
  void noMoreSessionsWaitThanAllowed() {
    listen(new McpServerOptions().setMaxDetachedSessions(2));
    for (int i = 0; i < 5; i++) {
      get(connect(new McpClientOptions()).ping());
    }
    network.refuse(true);
    network.cut();
    await().until(() -> server.sessionCount() == 2);
  }

  @Test
  void aSessionThatHoldsTooMuchForItsClientEnds() {
    listen(new McpServerOptions().setMaxDetachedBytes(10_000));
    McpClient client = connect(new McpClientOptions());
    client.request(message(HELD, 1));
    await().until(() -> !held.isEmpty());
    network.refuse(true);
    network.cut();
    Held last = held.remove();
    Message large = Message.ofApplication(HELD).parameter("x", "y".repeat(20_000));
    last.context.runOnContext(v -> last.request.reply(large));
    await().until(() -> server.sessionCount() == 0);
  }

  @Test
  void aClosedServerLeavesNothingToComeBackTo() {
    listen(new McpServerOptions());
    get(connect(new McpClientOptions()).ping());
    network.refuse(true);
    network.cut();
    get(server.close());
    await().until(() -> server.sessionCount() == 0);
  }

  private void listen(McpServerOptions options) {
    server = McpServer.create(vertx, options.setPort(0));
    server.requestHandler(ECHO, ResumeTest::echo);
    server.requestHandler(
        HELD,
        request -> {
          seen.incrementAndGet();
          held.add(new Held(Vertx.currentContext(), request));
        });
    get(server.listen());
    network = new CutProxy(vertx, server.actualPort());
    port = get(network.start());
  }

  private McpClient connect(McpClientOptions options) {
    McpClient client = McpClient.create(vertx, options.setPort(port));
    clients.add(client);
    get(client.connect());
    return client;
  }

  private static Message message(int type, int number) {
    return Message.ofApplication(type).parameter("number", Integer.toString(number));
  }

  private static void echo(McpServerRequest request) {
    request.stream().handler(request.stream()::write);
    request.stream().endHandler(v -> request.stream().end());
    request.stream().write(request.message());
  }

  private static void reply(Held held) {
    held.context.runOnContext(v -> held.request.reply(held.request.message()));
  }

  /** Sends numbered messages with some weight, and collects what comes back. */
  private static Future<List<String>> echoAll(McpClient client) {
    return client.stream()
        .compose(
            stream -> {
              Promise<List<String>> done = Promise.promise();
              List<String> echoed = new ArrayList<>();
              stream.exceptionHandler(done::tryFail);
              stream.handler(message -> echoed.add(message.parameters().get("number")));
              stream.endHandler(v -> done.tryComplete(echoed));
              for (int i = 0; i < MESSAGES; i++) {
                stream.write(message(ECHO, i).parameter("weight", "w".repeat(300)));
              }
              stream.end();
              return done.future();
            });
  }

  private static <T> T get(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
  }
}

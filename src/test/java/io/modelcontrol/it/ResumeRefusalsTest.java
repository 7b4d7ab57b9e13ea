package io.modelcontrol.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.auth.Identity;
import io.modelcontrol.auth.Presented;
import io.modelcontrol.server.McpServer;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.server.McpServerSession;
import io.modelcontrol.session.SessionConfig;
import io.modelcontrol.session.SessionRole;
import io.modelcontrol.session.transport.SessionConnection;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Who may go on with a session, and by which token: clients that do what {@code McpClient} won't.
 */
class ResumeRefusalsTest {
  private static final int TAKERS = 8;
  private static final int CUT_OPENINGS = 40;

  private final Vertx vertx = Vertx.vertx();
  private final NetClient netClient = vertx.createNetClient();
  private final List<McpServerSession> sessions = new CopyOnWriteArrayList<>();
  private final AtomicInteger ended = new AtomicInteger();
  private McpServer server;

  @BeforeEach
  void listen() {
    server = McpServer.create(vertx, new McpServerOptions().setPort(0));
    server.authenticator(ResumeRefusalsTest::authenticate);
    server.sessionHandler(
        session -> {
          sessions.add(session);
          session.closeHandler(v -> ended.incrementAndGet());
        });
    get(server.listen());
  }

  @AfterEach
  void stop() {
    get(server.close());
    get(vertx.close());
  }

  private static Identity authenticate(Presented presented) {
    String name = new String(presented.credential(), StandardCharsets.UTF_8);
    if (name.equals("nobody")) {
      throw McpException.sessionError(ErrorCode.UNAUTHENTICATED, "nobody may not come in");
    }
    return new Identity(name, List.of("infer"));
  }

  @Test
  void theOwnerGoesOnAndHasTheNextToken() {
    Peer owner = ready("edge-7");
    byte[] first = owner.token();
    SocketAddress before = sessions.get(0).remoteAddress();
    get(owner.cut());
    Peer next = opened("edge-7", owner.resume());
    get(next.resumed.future());
    owner.goOnOver(next);
    get(owner.ping());
    assertThat(owner.token()).isNotEqualTo(first);
    assertThat(sessions).hasSize(1);
    assertThat(sessions.get(0).remoteAddress()).isNotEqualTo(before);
    assertThat(ended).hasValue(0);
    await().until(() -> server.sessionCount() == 1);
    get(owner.close());
    await().until(() -> ended.get() == 1 && server.sessionCount() == 0);
  }

  @Test
  void aTokenThatWasUsedIsNoGoodAnyMore() {
    Peer owner = ready("edge-7");
    SessionConfig.Resume used = owner.resume();
    get(owner.cut());
    Peer next = opened("edge-7", used);
    get(next.resumed.future());
    owner.goOnOver(next);
    get(owner.ping());
    assertThat(refusal("edge-7", used)).isEqualTo(ErrorCode.RESUME_REJECTED);
    get(owner.ping());
    get(owner.close());
  }

  @Test
  void aTokenWhoseAnswerWasLostIsGoodAgain() {
    Peer owner = ready("edge-7");
    SessionConfig.Resume token = owner.resume();
    get(owner.cut());
    for (int i = 0; i < 3; i++) {
      Peer lost = opened("edge-7", token);
      get(lost.resumed.future());
      get(lost.cut());
    }
    Peer next = opened("edge-7", token);
    get(next.resumed.future());
    owner.goOnOver(next);
    get(owner.ping());
    get(owner.close());
  }

  @Test
  void anOpeningThatBreaksBeforeItsAnswerUsesNothingUp() {
    Peer owner = ready("edge-7");
    SessionConfig.Resume token = owner.resume();
    get(owner.cut());
    for (int i = 0; i < CUT_OPENINGS; i++) {
      get(new Peer("edge-7", token, true).connected.future());
    }
    await().until(() -> server.sessionCount() == 1);
    Peer next = opened("edge-7", token);
    get(next.resumed.future());
    owner.goOnOver(next);
    get(owner.ping());
    get(owner.close());
  }

  @Test
  void nobodyElseGoesOnWithASession() {
    Peer owner = ready("edge-7");
    SessionConfig.Resume token = owner.resume();
    get(owner.cut());
    assertThat(refusal("edge-8", token)).isEqualTo(ErrorCode.RESUME_REJECTED);
    assertThat(refusal("nobody", token)).isEqualTo(ErrorCode.UNAUTHENTICATED);
    Peer next = opened("edge-7", token);
    get(next.resumed.future());
    owner.goOnOver(next);
    get(owner.ping());
    get(owner.close());
  }

  @Test
  void refusesTokensOfItsOwnMakingOnly() {
    Peer owner = ready("edge-7");
    SessionConfig.Resume token = owner.resume();
    get(owner.cut());
    byte[] changed = token.token().clone();
    changed[5] ^= 1;
    assertThat(refusal("edge-7", new SessionConfig.Resume(changed, 0)))
        .isEqualTo(ErrorCode.RESUME_REJECTED);
    assertThat(refusal("edge-7", new SessionConfig.Resume(new byte[0], 0)))
        .isEqualTo(ErrorCode.RESUME_REJECTED);
  }

  @Test
  void refusesACountThatCannotBe() {
    Peer owner = ready("edge-7");
    SessionConfig.Resume token = owner.resume();
    get(owner.cut());
    SessionConfig.Resume impossible = new SessionConfig.Resume(token.token(), 1_000);
    assertThat(refusal("edge-7", impossible)).isEqualTo(ErrorCode.RESUME_REJECTED);
    get(opened("edge-7", token).resumed.future());
  }

  @Test
  void aSessionThatHasEndedIsNotGoneOnWith() {
    Peer owner = ready("edge-7");
    SessionConfig.Resume token = owner.resume();
    get(owner.close());
    await().until(() -> ended.get() == 1);
    assertThat(refusal("edge-7", token)).isEqualTo(ErrorCode.RESUME_REJECTED);
  }

  @Test
  void aLiveConnectionIsTakenOver() {
    Peer owner = ready("edge-7");
    Peer next = opened("edge-7", owner.resume());
    get(next.resumed.future());
    get(owner.lost.future());
    owner.goOnOver(next);
    get(owner.ping());
    assertThat(ended).hasValue(0);
    get(owner.close());
  }

  @Test
  void ofManyTakersAtOnceOneHasTheSession() {
    Peer owner = ready("edge-7");
    SessionConfig.Resume token = owner.resume();
    get(owner.cut());
    List<Peer> takers = new ArrayList<>();
    for (int i = 0; i < TAKERS; i++) {
      takers.add(new Peer("edge-7", token));
    }
    await().until(() -> takers.stream().filter(Peer::isGone).count() == TAKERS - 1);
    assertThat(sessions).hasSize(1);
    await().until(() -> server.sessionCount() == 1);
    assertThat(ended).hasValue(0);
  }

  private Peer ready(String name) {
    Peer peer = opened(name, null);
    get(peer.ready.future());
    await().until(() -> !sessions.isEmpty());
    return peer;
  }

  private Peer opened(String name, SessionConfig.Resume resumeOrNull) {
    Peer peer = new Peer(name, resumeOrNull);
    get(peer.connected.future());
    return peer;
  }

  private ErrorCode refusal(String name, SessionConfig.Resume resume) {
    return get(opened(name, resume).closed.future()).code();
  }

  private static <T> T get(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
  }

  /** One end of a session without the client around it; its futures complete on its context. */
  private final class Peer implements SessionConnection.Listener {
    final Promise<Void> connected = Promise.promise();
    final Promise<Void> ready = Promise.promise();
    final Promise<Void> resumed = Promise.promise();
    final Promise<McpException> lost = Promise.promise();
    final Promise<McpException> closed = Promise.promise();
    private final ContextInternal context = ((VertxInternal) vertx).contextBuilder().build();
    private Promise<Void> pong = Promise.promise();
    private SessionConnection connection;
    private NetSocket socket;
    private long peerReceived;
    private byte[] nextToken;

    Peer(String name, SessionConfig.Resume resumeOrNull) {
      this(name, resumeOrNull, false);
    }

    /**
     * @param hangsUp whether it closes the socket behind the opening
     */
    Peer(String name, SessionConfig.Resume resumeOrNull, boolean hangsUp) {
      SessionConfig config = config(name);
      SessionConfig wanted = resumeOrNull == null ? config : config.resuming(resumeOrNull);
      context.runOnContext(
          v ->
              netClient
                  .connect(server.actualPort(), "127.0.0.1")
                  .onSuccess(opened -> start((NetSocketInternal) opened, wanted, hangsUp))
                  .onFailure(connected::fail));
    }

    private static SessionConfig config(String name) {
      return new SessionConfig(
          SessionRole.CLIENT,
          SessionConfig.DEFAULT_LIMITS,
          Map.of(SessionConfig.RESUME, true),
          Map.of(),
          "test",
          "name",
          name.getBytes(StandardCharsets.UTF_8),
          SessionConfig.Timeouts.DEFAULT);
    }

    private void start(NetSocketInternal opened, SessionConfig config, boolean hangsUp) {
      socket = opened;
      connection =
          new SessionConnection(context, config, opened.channelHandlerContext().alloc(), this);
      connection.start(opened.channelHandlerContext());
      if (hangsUp) {
        socket.close();
      }
      connected.complete();
    }

    byte[] token() {
      return resume().token();
    }

    SessionConfig.Resume resume() {
      return get(on(() -> connection.session().resumption().request()));
    }

    /** Loses the connection; the session may live on. */
    Future<Void> cut() {
      return on(socket::close).compose(v -> v);
    }

    boolean isGone() {
      return closed.future().isComplete() || lost.future().isComplete();
    }

    void goOnOver(Peer next) {
      get(lost.future());
      get(next.on(() -> connection.attach(next.connection, next.peerReceived, next.nextToken)));
      get(on(() -> socket = next.socket));
    }

    Future<Void> ping() {
      return on(() -> {
            pong = Promise.promise();
            connection.drive(() -> connection.session().ping(1));
            return pong.future();
          })
          .compose(future -> future);
    }

    Future<Void> close() {
      return on(
          () -> {
            connection.drive(connection.session()::close);
            return null;
          });
    }

    private <T> Future<T> on(Supplier<T> action) {
      Promise<T> done = Promise.promise();
      context.runOnContext(v -> done.complete(action.get()));
      return done.future();
    }

    @Override
    public void onReady() {
      ready.complete();
    }

    @Override
    public void onResumed(long received, byte[] token) {
      peerReceived = received;
      nextToken = token;
      resumed.complete();
    }

    @Override
    public void onDetached(McpException error) {
      lost.tryComplete(error);
    }

    @Override
    public void onPong(long payload) {
      pong.tryComplete();
    }

    @Override
    public void onClosed(McpException errorOrNull) {
      closed.tryComplete(errorOrNull);
      resumed.tryFail(errorOrNull == null ? new IllegalStateException("closed") : errorOrNull);
    }
  }
}

package io.modelcontrol.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameType;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ResumptionTest {
  private static final byte[] TOKEN = {1, 2, 3};
  private static final byte[] NEXT_TOKEN = {4, 5, 6};

  private final Endpoint client = Endpoint.resumable(SessionRole.CLIENT, null);
  private final Endpoint server = Endpoint.resumable(SessionRole.SERVER, null);

  @BeforeEach
  void open() {
    server.token = TOKEN;
    Endpoint.exchange(client, server);
    assertThat(client.session.state()).isEqualTo(SessionState.READY);
  }

  @AfterEach
  void close() {
    client.session.close();
    server.session.close();
  }

  @Test
  void aSessionWithATokenOutlivesItsConnection() {
    cut();
    assertThat(client.session.state()).isEqualTo(SessionState.READY);
    assertThat(server.session.state()).isEqualTo(SessionState.READY);
    assertThat(client.session.resumption().isAttached()).isFalse();
  }

  @Test
  void aSessionWithoutATokenEndsWithItsConnection() {
    Endpoint plainClient = Endpoint.resumable(SessionRole.CLIENT, null);
    Endpoint plainServer = Endpoint.resumable(SessionRole.SERVER, null);
    Endpoint.exchange(plainClient, plainServer);
    plainClient.session.onDisconnected(lost());
    plainServer.session.onDisconnected(lost());
    assertThat(plainClient.session.state()).isEqualTo(SessionState.CLOSED);
    assertThat(plainServer.session.state()).isEqualTo(SessionState.CLOSED);
  }

  @Test
  void whatWasLostOnTheWayArrivesOnceOverTheNextConnection() {
    Stream stream = client.session.openStream();
    client.send(stream, "first", false);
    client.deliverTo(server);
    client.send(stream, "second", false);
    client.send(stream, "third", true);
    cut();
    resume();
    assertThat(server.messages).containsExactly("1:first", "1:second", "1:third|");
  }

  @Test
  void whatIsSentWhileDetachedFollows() {
    Stream stream = client.session.openStream();
    client.send(stream, "before", false);
    Endpoint.exchange(client, server);
    cut();
    client.send(stream, "while", false);
    server.send(server.streams.get(0), "answer", true);
    resume();
    assertThat(server.messages).containsExactly("1:before", "1:while");
    assertThat(client.messages).containsExactly("1:answer|");
  }

  @Test
  void resetsAndCreditAreNotLostEither() {
    Stream stream = client.session.openStream();
    String half = "x".repeat(SessionConfig.DEFAULT_LIMITS.streamWindow() / 2);
    client.send(stream, half, false);
    client.send(stream, half, false);
    client.deliverTo(server);
    client.send(stream, "beyond the window", false);
    cut();
    resume();
    assertThat(server.messages).hasSize(3);
    server.session.reset(
        server.streams.get(0),
        McpException.streamError(ErrorCode.REQUEST_CANCELED, "not wanted any more"));
    cut();
    resume();
    assertThat(client.resets).containsExactly("1:REQUEST_CANCELED");
  }

  @Test
  void theNextTokenComesWithTheResumption() {
    cut();
    resume();
    assertThat(client.session.resumption().request().token()).isEqualTo(NEXT_TOKEN);
    assertThat(server.session.resumption().isHeard()).isTrue();
  }

  @Test
  void aTokenThatWasUsedUpIsNotGoodAgainOnceTheConnectionIsLost() {
    cut();
    resume();
    cut();
    assertThat(server.session.resumption().isHeard()).isTrue();
  }

  @Test
  void anOpeningThatGaveItsConnectionAwayKeepsNothingWhenClosed() {
    cut();
    Endpoint opening = resume();
    opening.session.close();
    assertThat(opening.session.resumption().heldBytes()).isZero();
  }

  @Test
  void anOpeningThatIsGivenUpDoesNotEndTheSession() {
    cut();
    Endpoint opening = opening();
    Endpoint accepting = accepting(opening);
    accepting.session.resumption().handOver();
    server.session.resumption().attach(server, accepting.resumeReceived, NEXT_TOKEN);
    opening.session.ping(7);
    opening.receive(FrameType.PING, 0, 0, new byte[8]);
    opening.advance(TimeUnit.SECONDS.toNanos(11));
    assertThat(opening.reason.code()).isEqualTo(ErrorCode.NEGOTIATION_TIMEOUT);
    assertThat(opening.written).isEmpty();
    cut();
    resume();
    assertThat(server.session.state()).isEqualTo(SessionState.READY);
  }

  @Test
  void anAnswerToAPingIsNoSignThatTheTokenHasArrived() {
    cut();
    resume();
    cut();
    Endpoint accepting = accepting(opening());
    accepting.session.resumption().handOver();
    server.session.resumption().attach(server, accepting.resumeReceived, NEXT_TOKEN);
    server.receive(FrameType.PING, FrameHeader.REPLY, 0, new byte[8]);
    assertThat(server.session.resumption().isHeard()).isFalse();
  }

  @Test
  void aStallOfTheLostConnectionDoesNotCountAgainstTheNextOne() {
    server.writable = false;
    stayFor(25);
    cut();
    resume();
    stayFor(10);
    assertThat(server.session.state()).isEqualTo(SessionState.READY);
    assertThat(server.session.resumption().isAttached()).isTrue();
  }

  private void stayFor(int seconds) {
    for (int i = 0; i < 2 * seconds; i++) {
      server.advance(500_000_000L);
    }
  }

  @Test
  void aPeerThatVanishesRightAfterItSpokeIsLostAndNotSlow() {
    server.writable = false;
    stayFor(1);
    client.session.ping(1);
    client.deliverTo(server);
    stayFor(29);
    stayFor(3);
    assertThat(server.session.state()).isEqualTo(SessionState.READY);
    assertThat(server.session.resumption().isAttached()).isFalse();
  }

  @Test
  void aConnectionThatTheServerThinksAliveIsTakenOver() {
    Stream stream = client.session.openStream();
    client.send(stream, "lost", true);
    client.written.clear();
    client.session.onDisconnected(lost());
    resume();
    assertThat(server.closed).isTrue();
    assertThat(server.messages).containsExactly("1:lost|");
  }

  @Test
  void aPeerThatClaimsWhatWasNeverSentIsNotGoneOnWith() {
    cut();
    assertThat(server.session.resumption().isPossibleFrom(1)).isFalse();
    assertThat(server.session.resumption().isPossibleFrom(0)).isTrue();
  }

  @Test
  void nothingMayBeSentBeforeTheAnswer() {
    cut();
    Endpoint opening =
        Endpoint.resumable(SessionRole.CLIENT, client.session.resumption().request());
    Endpoint accepting = Endpoint.resumable(SessionRole.SERVER, null);
    opening.deliverTo(accepting);
    accepting.receiveData(1, 1, "too early");
    assertThat(accepting.session.resumption().handOver()).isNull();
    assertThat(accepting.session.state()).isEqualTo(SessionState.CLOSED);
    opening.session.close();
  }

  @Test
  void aServerThatBeginsAnewInsteadIsLeft() {
    cut();
    Endpoint opening =
        Endpoint.resumable(SessionRole.CLIENT, client.session.resumption().request());
    Endpoint plain = new Endpoint(SessionRole.SERVER);
    Endpoint.exchange(opening, plain);
    assertThat(opening.session.state()).isEqualTo(SessionState.CLOSED);
    assertThat(opening.reason.code()).isEqualTo(ErrorCode.RESUME_REJECTED);
    plain.session.close();
  }

  @Test
  void aLostKeepaliveDetaches() {
    client.advance(30_000_000_000L);
    client.advance(60_000_000_000L);
    assertThat(client.session.state()).isEqualTo(SessionState.READY);
    assertThat(client.session.resumption().isAttached()).isFalse();
  }

  @Test
  void thePeerIsToldOfWhatArrivedSoThatItForgets() {
    Stream stream = client.session.openStream();
    client.send(stream, "some bytes", false);
    client.deliverTo(server);
    assertThat(client.session.resumption().heldBytes()).isEqualTo(10);
    server.advance(Receipts.DELAY_NANOS);
    assertThat(server.writtenTypes()).contains(FrameType.RECEIVED);
    server.deliverTo(client);
    assertThat(client.session.resumption().heldBytes()).isZero();
  }

  @Test
  void manyFramesAreToldOfTogether() {
    Stream stream = client.session.openStream();
    for (int i = 0; i < Receipts.FRAMES; i++) {
      client.send(stream, "m", false);
    }
    client.deliverTo(server);
    assertThat(server.writtenTypes().stream().filter(FrameType.RECEIVED::equals)).hasSize(1);
  }

  @Test
  void aDrainedSessionEndsWhenThePeerHasTheLastFrame() {
    Stream stream = client.session.openStream();
    client.send(stream, "last question", true);
    Endpoint.exchange(client, server);
    server.session.shutdown();
    server.send(server.streams.get(0), "last answer", true);
    assertThat(server.session.state()).isEqualTo(SessionState.READY);
    cut();
    resume();
    assertThat(client.messages).containsExactly("1:last answer|");
    assertThat(client.session.state()).isEqualTo(SessionState.CLOSED);
    assertThat(server.session.state()).isEqualTo(SessionState.CLOSED);
  }

  @Test
  void whoClosesTellsThatNothingIsLeftToResume() {
    client.session.close();
    Endpoint.exchange(client, server);
    assertThat(server.session.state()).isEqualTo(SessionState.CLOSED);
  }

  private void cut() {
    client.written.clear();
    server.written.clear();
    client.session.onDisconnected(lost());
    server.session.onDisconnected(lost());
  }

  /** The opening of a new connection, and what is done by those who own both sessions. */
  private Endpoint resume() {
    Endpoint opening = opening();
    Endpoint accepting = accepting(opening);
    accepting.session.resumption().handOver();
    server.session.resumption().attach(server, accepting.resumeReceived, NEXT_TOKEN);
    assertThat(server.written.peek().streamId()).isZero();
    Endpoint.Frame answer = server.written.poll();
    opening.receive(answer.type(), answer.flags(), answer.streamId(), answer.payload());
    opening.session.resumption().handOver();
    client.session.resumption().attach(client, opening.resumeReceived, opening.resumeToken);
    Endpoint.exchange(client, server);
    assertThat(List.of(opening.session.state(), accepting.session.state()))
        .containsOnly(SessionState.CLOSED);
    return opening;
  }

  private Endpoint opening() {
    return Endpoint.resumable(SessionRole.CLIENT, client.session.resumption().request());
  }

  private Endpoint accepting(Endpoint opening) {
    Endpoint accepting = Endpoint.resumable(SessionRole.SERVER, null);
    opening.deliverTo(accepting);
    accepting.deliverTo(opening);
    assertThat(accepting.resumeToken).isEqualTo(client.session.resumption().request().token());
    return accepting;
  }

  private static McpException lost() {
    return McpException.sessionError(ErrorCode.NETWORK_CONNECTION_RESET, "the connection is lost");
  }
}

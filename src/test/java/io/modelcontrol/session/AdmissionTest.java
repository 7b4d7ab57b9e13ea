package io.modelcontrol.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.wire.AckFrame;
import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameType;
import io.modelcontrol.wire.Limits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdmissionTest {
  private static final int ROOM = 1 << 20;
  private static final int LARGE = 256 * 1024;
  private static final Limits SERVER = new Limits(100, 64 * 1024, ROOM, 8 << 20, 0);
  private static final Limits CLIENT = new Limits(0, 64 * 1024, 256 * 1024, 8 << 20, 0);

  private final Endpoint server = new Endpoint(SessionRole.SERVER, SERVER);
  private int nextId = 1;

  @BeforeEach
  void open() {
    Endpoint client = new Endpoint(SessionRole.CLIENT, CLIENT);
    Endpoint.exchange(client, server);
    server.written.clear();
  }

  @AfterEach
  void close() {
    server.session.close();
  }

  private void request(int bytes) {
    int end = FrameHeader.END_MESSAGE | FrameHeader.END_STREAM;
    server.receive(FrameType.DATA, end, nextId, new byte[bytes]);
    nextId += 2;
  }

  /** Answers the requests that have begun and have no answer; returns how many those were. */
  private int answerAll(int bytes) {
    int answered = 0;
    while (!server.streams.isEmpty()) {
      Stream stream = server.streams.remove(0);
      server.session.send(stream, Unpooled.wrappedBuffer(new byte[bytes]), true);
      server.advance(0);
      answered++;
    }
    return answered;
  }

  private void grant(int streamId, int bytes) {
    ByteBuf credit = AckFrame.encode(bytes, UnpooledByteBufAllocator.DEFAULT);
    server.receive(FrameType.ACK, 0, streamId, ByteBufUtil.getBytes(credit));
    server.advance(0);
    credit.release();
  }

  private void grantAll() {
    grant(0, 256 * LARGE);
    for (int id = 1; id < nextId; id += 2) {
      grant(id, LARGE);
    }
  }

  @Test
  void requestsWaitWhileNobodyTakesTheAnswers() {
    for (int i = 0; i < 50; i++) {
      request(1);
    }
    assertThat(server.streams).hasSize(16);
    int answered = answerAll(LARGE);
    assertThat(answered).isEqualTo(16);
    assertThat(server.session.openStreams()).isEqualTo(50);
    grantAll();
    assertThat(server.streams).isNotEmpty();
  }

  @Test
  void allOfThemBeginInTheirOrderOnceTheAnswersAreTaken() {
    for (int i = 0; i < 50; i++) {
      request(1);
    }
    int answered = 0;
    for (int round = 0; round < 50; round++) {
      assertThat(server.streams).extracting(Stream::id).isSorted();
      answered += answerAll(LARGE);
      grantAll();
    }
    assertThat(answered).isEqualTo(50);
    assertThat(server.session.openStreams()).isZero();
  }

  @Test
  void aSessionThatTakesLargeAnswersHasSoManyAtATimeAsThereIsRoomFor() {
    request(1);
    answerAll(LARGE);
    grantAll();
    for (int i = 0; i < 20; i++) {
      request(1);
    }
    assertThat(server.streams).hasSize(1 + ROOM / (LARGE - SlowConsumers.PINNED_BYTES));
  }

  @Test
  void smallAnswersNeedNoRoom() {
    for (int i = 0; i < 60; i++) {
      request(1);
      answerAll(100);
    }
    for (int i = 0; i < 100; i++) {
      request(1);
    }
    assertThat(server.streams).hasSize(100);
  }

  @Test
  void aRequestThatWaitsKeepsItsCreditAndGivesItBackWhenCanceled() {
    for (int i = 0; i < 16; i++) {
      request(1);
    }
    for (int i = 0; i < 10; i++) {
      request(60_000);
    }
    assertThat(server.writtenTypes()).doesNotContain(FrameType.ACK);
    server.written.clear();
    for (int id = 33; id < nextId; id += 2) {
      server.receive(FrameType.RESET, 0, id, new byte[0]);
    }
    assertThat(server.writtenTypes()).contains(FrameType.ACK);
    assertThat(server.session.openStreams()).isEqualTo(16);
  }

  @Test
  void messagesOfAnOpenStreamDoNotWait() {
    for (int i = 0; i < 17; i++) {
      request(1);
    }
    int waited = server.streams.size();
    server.receive(FrameType.DATA, FrameHeader.END_MESSAGE, nextId, new byte[1]);
    assertThat(server.streams).hasSize(waited + 1);
  }
}

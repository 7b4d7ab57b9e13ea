package io.modelcontrol.server.impl;

import static io.modelcontrol.testing.TestNode.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.server.McpServer;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.testing.RawPeer;
import io.modelcontrol.wire.ErrorFields;
import io.modelcontrol.wire.FrameType;
import io.modelcontrol.wire.Limits;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RunningWorkTest {
  private static final int STREAMS = 3;

  private final Vertx vertx = Vertx.vertx();
  private final Queue<Promise<Void>> work = new ConcurrentLinkedQueue<>();
  private RawPeer peer;
  private int streamId = -1;

  @BeforeEach
  void start() throws Exception {
    McpServerOptions options = new McpServerOptions().setPort(0);
    McpServer server = McpServer.create(vertx, options.setMaxConcurrentStreams(STREAMS));
    server.requestHandler(MessageType.INFERENCE_REQ.code(), this::begin);
    await(server.listen());
    peer = new RawPeer(server.actualPort(), new Limits(0, 0, 0, 0, 0));
    peer.startReading();
  }

  @AfterEach
  void stop() throws Exception {
    peer.close();
    await(vertx.close());
  }

  private void begin(McpServerRequest request) {
    Promise<Void> running = Promise.promise();
    request.occupy(running.future());
    request.message().release();
    work.add(running);
  }

  private void open(int parameters) {
    streamId += 2;
    Message request = Message.of(MessageType.INFERENCE_REQ).modelName("m");
    for (int i = 0; i < parameters; i++) {
      request.parameter("p" + i, "");
    }
    peer.message(streamId, request, false);
    peer.flush();
  }

  private void cancel() {
    McpException why = McpException.streamError(ErrorCode.REQUEST_CANCELED, "");
    ByteBuf payload = ErrorFields.encodeReset(why, UnpooledByteBufAllocator.DEFAULT);
    peer.frame(FrameType.RESET, 0, streamId, ByteBufUtil.getBytes(payload));
    payload.release();
    peer.flush();
  }

  @Test
  void aCanceledRequestKeepsItsPlaceUntilItsWorkHasEnded() {
    for (int i = 0; i < STREAMS; i++) {
      open(0);
      cancel();
    }
    open(0);
    await().until(() -> peer.resets().size() == 1);
    assertThat(peer.resets()).containsExactly(ErrorCode.REFUSED_STREAM);
    assertThat(work).hasSize(STREAMS);
    vertx.runOnContext(v -> work.peek().complete());
    await().until(() -> endsAnOpening());
    assertThat(peer.goaway()).isNull();
  }

  /** Whether one more request is taken in. */
  private boolean endsAnOpening() {
    int refused = peer.resets().size();
    open(0);
    await().until(() -> work.size() > STREAMS || peer.resets().size() > refused);
    return work.size() > STREAMS;
  }

  @Test
  void requestsOfManyFieldsAreRefusedWhileOthersRun() throws Exception {
    RunningWork running = new RunningWork(1000);
    Message wide = Message.of(MessageType.INFERENCE_REQ);
    for (int i = 0; i < 1000; i++) {
      wide.parameter("p" + i, "");
    }
    Promise<Void> work = Promise.promise();
    for (int i = 0; i < 87; i++) {
      running.check(wide);
      running.add(wide, work.future());
    }
    assertThat(refusal(running, wide)).isEqualTo(ErrorCode.REFUSED_STREAM);
    work.complete();
    assertThat(refusal(running, wide)).isNull();
    assertThat(running.requests()).isZero();
  }

  private static ErrorCode refusal(RunningWork running, Message request) {
    try {
      running.check(request);
      return null;
    } catch (McpException e) {
      return e.code();
    }
  }
}

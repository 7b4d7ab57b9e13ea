package io.modelcontrol.client;

import static io.modelcontrol.client.Peers.await;
import static io.modelcontrol.client.Peers.codeOf;
import static io.modelcontrol.client.Peers.errorOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.netty.buffer.PooledByteBufAllocator;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests that fail are repeated, over real sockets, as often as the policy allows. */
@Timeout(120)
class RetryTest {
  private final List<String> ids = Collections.synchronizedList(new ArrayList<>());
  private final List<Long> timeouts = Collections.synchronizedList(new ArrayList<>());

  private static McpClientOptions quick() {
    return new McpClientOptions().setRetry(new RetryOptions().setInitialDelayMs(1));
  }

  /** Fails as often as errors are given, then answers with the sum of what came. */
  private Handler<McpServerRequest> failing(ErrorCode... codes) {
    return request -> {
      Message message = request.message();
      ids.add(Arrays.toString(message.requestId()));
      timeouts.add(message.timeoutMs());
      float sum = 0;
      for (Tensor tensor : message.tensors()) {
        for (float value : tensor.toFloats()) {
          sum += value;
        }
      }
      message.release();
      if (ids.size() <= codes.length) {
        request.fail(McpException.streamError(codes[ids.size() - 1], "not now"));
      } else {
        Tensor answer = Tensor.of("sum", new float[] {sum});
        request.reply(Message.of(MessageType.INFERENCE_RESULT).tensor(answer));
      }
    };
  }

  private static Peers peers(MessageType type, Handler<McpServerRequest> handler) {
    Peers peers = new Peers();
    peers.server.requestHandler(type, handler);
    return peers;
  }

  @Test
  void sendsTheSameRequestUnderTheSameIdUntilItSucceeds() {
    Handler<McpServerRequest> handler =
        failing(ErrorCode.OVERLOADED, ErrorCode.RUNTIME_FAILURE, ErrorCode.REFUSED_STREAM);
    try (Peers peers = peers(MessageType.INFERENCE_REQ, handler).start(quick())) {
      Tensor pooled =
          Tensor.of(
              "x",
              DataType.FLOAT,
              new long[] {2},
              PooledByteBufAllocator.DEFAULT.directBuffer().writeFloatLE(1).writeFloatLE(2));
      InferenceRequest request = InferenceRequest.of("m", pooled).timeoutMs(20_000);
      Future<InferenceResult> result = peers.client.infer(request);
      assertThat(await(result).first().toFloats()).containsExactly(3);
      assertThat(pooled.data().refCnt()).isEqualTo(1);
      pooled.release();
      assertThat(ids).hasSize(4).containsOnly(ids.get(0));
      assertThat(timeouts).isSortedAccordingTo((a, b) -> Long.compare(b, a));
    }
  }

  @Test
  void tellsTheLastErrorAndHowOftenItTried() {
    Handler<McpServerRequest> handler =
        failing(
            ErrorCode.OVERLOADED,
            ErrorCode.OVERLOADED,
            ErrorCode.OVERLOADED,
            ErrorCode.SERVICE_UNAVAILABLE,
            ErrorCode.OVERLOADED);
    try (Peers peers = peers(MessageType.INFERENCE_REQ, handler).start(quick())) {
      McpException error = errorOf(peers.client.infer("m"));
      assertThat(error.code()).isEqualTo(ErrorCode.SERVICE_UNAVAILABLE);
      assertThat(error).hasMessage("not now (after 4 attempts)");
    }
  }

  @Test
  void doesNotRepeatWhatWouldFailAgain() {
    Handler<McpServerRequest> handler = failing(ErrorCode.INVALID_TENSOR);
    try (Peers peers = peers(MessageType.INFERENCE_REQ, handler).start(quick())) {
      McpException error = errorOf(peers.client.infer("m"));
      assertThat(error.code()).isEqualTo(ErrorCode.INVALID_TENSOR);
      assertThat(error).hasMessage("not now");
      assertThat(ids).hasSize(1);
    }
  }

  @Test
  void oneAttemptTurnsRetriesOff() {
    McpClientOptions off = new McpClientOptions().setRetry(new RetryOptions().setMaxAttempts(1));
    Handler<McpServerRequest> handler = failing(ErrorCode.OVERLOADED);
    try (Peers peers = peers(MessageType.INFERENCE_REQ, handler).start(off)) {
      assertThat(errorOf(peers.client.infer("m"))).hasMessage("not now");
      assertThat(ids).hasSize(1);
    }
  }

  @Test
  void aCancelEndsThePauseBetweenTwoAttempts() {
    Handler<McpServerRequest> handler =
        request -> {
          ids.add("");
          request.message().release();
          request.fail(
              McpException.streamError(ErrorCode.OVERLOADED, "later").withRetryAfterMs(25_000));
        };
    try (Peers peers = peers(MessageType.INFERENCE_REQ, handler).start(quick())) {
      Cancellation cancellation = new Cancellation();
      Future<InferenceResult> result =
          peers.client.infer(InferenceRequest.of("m").timeoutMs(60_000), cancellation);
      Awaitility.await().atMost(20, TimeUnit.SECONDS).until(() -> ids.size() == 1);
      await(peers.client.ping());
      cancellation.cancel();
      assertThat(codeOf(result)).isEqualTo(ErrorCode.REQUEST_CANCELED);
      assertThat(ids).hasSize(1);
    }
  }

  @Test
  void listsAndUnloadsAreRepeatedToo() {
    Peers peers = peers(MessageType.STATE_SYNC, failing(ErrorCode.SERVICE_UNAVAILABLE));
    List<String> unloads = new ArrayList<>();
    peers.server.requestHandler(
        MessageType.MODEL_UNLOAD_REQ,
        request -> {
          unloads.add(request.message().modelName());
          if (unloads.size() == 1) {
            request.fail(McpException.streamError(ErrorCode.SERVICE_UNAVAILABLE, "not now"));
          } else {
            request.reply(Message.status(ErrorCode.OK, ""));
          }
        });
    try (peers) {
      peers.start(quick());
      assertThat(codeOf(peers.client.list())).isEqualTo(ErrorCode.PROTOCOL_ERROR);
      assertThat(ids).hasSize(2);
      await(peers.client.unload("m"));
      assertThat(unloads).containsExactly("m", "m");
    }
  }

  @Test
  void anUnloadWhoseAnswerWasLostIsDoneWhenTheModelIsGone() {
    List<String> unloads = Collections.synchronizedList(new ArrayList<>());
    Handler<McpServerRequest> handler =
        request -> {
          unloads.add(request.message().modelName());
          if (unloads.size() == 1) {
            request.fail(
                McpException.streamError(ErrorCode.NETWORK_CONNECTION_CLOSED, "the session broke"));
          } else {
            request.fail(McpException.streamError(ErrorCode.MODEL_NOT_FOUND, "no such model"));
          }
        };
    try (Peers peers = peers(MessageType.MODEL_UNLOAD_REQ, handler).start(quick())) {
      await(peers.client.unload("m"));
      assertThat(unloads).hasSize(2);
      assertThat(codeOf(peers.client.unload("m"))).isEqualTo(ErrorCode.MODEL_NOT_FOUND);
    }
  }

  @Test
  void onlyTheErrorsThatARequestNamesCancelItsGroup() {
    Handler<McpServerRequest> handler =
        request -> {
          String model = request.message().modelName();
          request.message().release();
          if (model.equals("broken")) {
            request.fail(McpException.streamError(ErrorCode.INVALID_TENSOR, "no"));
          }
        };
    try (Peers peers = peers(MessageType.INFERENCE_REQ, handler).start(quick())) {
      Cancellation group = new Cancellation();
      Future<?> sibling = peers.client.infer(InferenceRequest.of("slow"), group);
      Future<?> unnamed = peers.client.infer(InferenceRequest.of("broken"), group);
      assertThat(codeOf(unnamed)).isEqualTo(ErrorCode.INVALID_TENSOR);
      InferenceRequest other =
          InferenceRequest.of("broken").cancelGroupOn(ErrorCode.RUNTIME_FAILURE);
      assertThat(codeOf(peers.client.infer(other, group))).isEqualTo(ErrorCode.INVALID_TENSOR);
      await(peers.client.ping());
      assertThat(sibling.isComplete()).isFalse();
      assertThat(group.isCanceled()).isFalse();
      InferenceRequest named =
          InferenceRequest.of("broken")
              .cancelGroupOn(ErrorCode.RUNTIME_FAILURE, ErrorCode.INVALID_TENSOR);
      assertThat(codeOf(peers.client.infer(named, group))).isEqualTo(ErrorCode.INVALID_TENSOR);
      assertThat(codeOf(sibling)).isEqualTo(ErrorCode.REQUEST_CANCELED);
    }
  }
}

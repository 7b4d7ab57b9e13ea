package io.modelcontrol.serving;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelId;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.server.McpServerSession;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.netty.buffer.PooledByteBufAllocator;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import java.util.concurrent.atomic.AtomicLong;

/**
 * INFERENCE_STREAM in mode {@code shards}: collects the pieces, and hands the whole request to who
 * handles INFERENCE_REQ. Contract 3.
 */
final class ShardHandler {
  /** All requests under way on a node may hold this many times what one may. */
  private static final int NODE_FACTOR = 4;

  private static final long RETRY_AFTER_MS = 500;

  private final Vertx vertx;
  private final ServingOptions options;
  private final Handler<McpServerRequest> wholeRequests;
  private final AtomicLong held = new AtomicLong();

  ShardHandler(Vertx vertx, ServingOptions options, Handler<McpServerRequest> wholeRequests) {
    this.vertx = vertx;
    this.options = options;
    this.wholeRequests = wholeRequests;
  }

  void handle(McpServerRequest request) {
    new Collecting(request).begin();
  }

  /** Bytes of requests that are not whole yet. */
  long heldBytes() {
    return held.get();
  }

  /** A request that has become whole, on the stream that its pieces came on. */
  private record Assembled(McpServerRequest origin, Message message) implements McpServerRequest {
    @Override
    public McpServerSession session() {
      return origin.session();
    }

    @Override
    public McpStream stream() {
      return origin.stream();
    }

    @Override
    public void occupy(Future<?> work) {
      origin.occupy(work);
    }

    @Override
    public Future<Void> reply(Message last) {
      return origin.reply(last);
    }

    @Override
    public Future<Void> fail(Throwable failure) {
      return origin.fail(failure);
    }
  }

  /** One request that is not whole yet. */
  private final class Collecting {
    private final McpServerRequest request;
    private final long startNanos = System.nanoTime();
    private final long timeoutMs;
    private ShardedInput input;
    private long counted;
    private long timer = -1;
    private boolean done;

    Collecting(McpServerRequest request) {
      this.request = request;
      long asked = request.message().timeoutMs();
      long wanted = asked < 0 ? options.getTimeoutMs() : asked;
      this.timeoutMs = Math.max(1, Math.min(wanted, options.getMaxTimeoutMs()));
    }

    void begin() {
      Message first = request.message();
      McpStream stream = request.stream();
      stream.exceptionHandler(canceled -> finish());
      try {
        checkModel(first);
        input =
            new ShardedInput(first, PooledByteBufAllocator.DEFAULT, options.getMaxAssembledBytes());
      } catch (McpException e) {
        first.release();
        refuse(e);
        return;
      }
      timer = vertx.setTimer(timeoutMs, id -> refuse(tooLate()));
      add(first);
      stream.handler(this::onPiece);
      stream.endHandler(v -> onEnd());
    }

    private void checkModel(Message first) {
      if (first.modelName() == null) {
        throw McpException.streamError(
            ErrorCode.INVALID_ARGUMENT,
            "the first message of a stream needs the field model name (0x10)");
      }
      ModelId.checkName(first.modelName());
    }

    private void add(Message message) {
      try {
        input.add(message);
        count();
      } catch (McpException e) {
        refuse(e);
      }
    }

    private void onPiece(Message message) {
      if (done) {
        message.release();
        return;
      }
      if (message.standardType() == MessageType.INFERENCE_STREAM) {
        add(message);
      } else {
        message.release();
        refuse(
            McpException.streamError(
                ErrorCode.INVALID_ARGUMENT, "INFERENCE_STREAM was expected, came " + message));
      }
    }

    /** Bounds what all clients together make this node hold. */
    private void count() {
      long more = input.bytes() - counted;
      counted += more;
      if (held.addAndGet(more) > NODE_FACTOR * (long) options.getMaxAssembledBytes()) {
        throw McpException.streamError(
                ErrorCode.OVERLOADED, "too many large requests are under way on this node")
            .withRetryAfterMs(RETRY_AFTER_MS);
      }
    }

    private void onEnd() {
      if (done) {
        return;
      }
      Message whole;
      try {
        whole = input.assembled();
      } catch (McpException e) {
        refuse(e);
        return;
      }
      long spentMs = (System.nanoTime() - startNanos) / 1_000_000;
      input = null;
      finish();
      wholeRequests.handle(
          new Assembled(request, whole.timeoutMs(Math.max(1, timeoutMs - spentMs))));
    }

    private void refuse(McpException error) {
      if (!done) {
        finish();
        request.fail(error);
        request.stream().handler(Message::release);
      }
    }

    private void finish() {
      if (done) {
        return;
      }
      done = true;
      vertx.cancelTimer(timer);
      held.addAndGet(-counted);
      if (input != null) {
        input.release();
        input = null;
      }
    }

    private McpException tooLate() {
      return McpException.streamError(
          ErrorCode.DEADLINE_EXCEEDED, "the request was not whole within " + timeoutMs + " ms");
    }
  }
}

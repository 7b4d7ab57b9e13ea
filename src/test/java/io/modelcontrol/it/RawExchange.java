package io.modelcontrol.it;

import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.wire.Message;
import io.vertx.core.Context;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** One stream of a test: what came on it, in memory of the garbage collector. */
final class RawExchange {
  private final List<Message> received = new CopyOnWriteArrayList<>();
  private final CompletableFuture<List<Message>> ended = new CompletableFuture<>();
  private final McpStream stream;
  private final Context context;

  /** Made on the stream's context. */
  RawExchange(McpStream stream, Context context) {
    this.stream = stream;
    this.context = context;
    stream.handler(message -> received.add(message.toHeap()));
    stream.endHandler(v -> ended.complete(received));
    stream.exceptionHandler(ended::completeExceptionally);
  }

  void on(java.util.function.Consumer<McpStream> action) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    context.runOnContext(
        v -> {
          action.accept(stream);
          done.complete(null);
        });
    done.orTimeout(30, TimeUnit.SECONDS).join();
  }

  RawExchange write(Message message) {
    on(open -> open.write(message));
    return this;
  }

  RawExchange end(Message message) {
    on(open -> open.end(message));
    return this;
  }

  RawExchange end() {
    on(McpStream::end);
    return this;
  }

  int count() {
    return received.size();
  }

  /** What has come so far. */
  List<Message> received() {
    return received;
  }

  Message last() {
    return received.get(received.size() - 1);
  }

  boolean isEnded() {
    return ended.isDone();
  }

  /** All that came, once the server has ended its side. */
  List<Message> all() {
    return ended.orTimeout(60, TimeUnit.SECONDS).join();
  }
}

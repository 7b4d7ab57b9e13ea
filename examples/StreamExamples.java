package examples;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.GenerationEnd;
import io.modelcontrol.client.GenerationRequest;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.SequenceRequest;
import io.modelcontrol.server.McpServer;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.wire.Message;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.streams.ReadStream;
import io.vertx.docgen.Source;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/** What the guide shows of streams and back-pressure; its test runs every method. */
@Source(translate = false)
public final class StreamExamples {
  /** The application's own type: readings of a sensor. */
  static final int READING = 0x81;

  /** Serves readings: as many as the client asks for, and no faster than it reads. */
  public McpServer serveReadings(McpServer server) {
    return server.requestHandler(READING, this::produce);
  }

  /** Makes each reading when there is room for it. */
  public void produce(McpServerRequest request) {
    int count = Integer.parseInt(request.message().parameters().get("count"));
    request.message().release();
    send(IntStream.range(0, count).mapToObj(StreamExamples::reading).iterator(), request.stream());
  }

  private static Message reading(int number) {
    return Message.ofApplication(READING).parameter("value", Integer.toString(number));
  }

  /** Takes one message at a time: the next one when the last one is stored. */
  public Future<Void> store(McpClient client, int count, Function<String, Future<Void>> storage) {
    return client.stream()
        .compose(
            stream -> {
              Promise<Void> done = Promise.promise();
              stream.exceptionHandler(done::tryFail);
              stream.endHandler(v -> done.tryComplete());
              stream.handler(
                  message -> {
                    String value = message.parameters().get("value");
                    message.release();
                    storage
                        .apply(value)
                        .onSuccess(v -> stream.fetch(1))
                        .onFailure(failure -> giveUp(stream, done, failure));
                  });
              stream.pause().fetch(1);
              stream.end(
                  Message.ofApplication(READING).parameter("count", Integer.toString(count)));
              return done.future();
            });
  }

  private static void giveUp(McpStream stream, Promise<Void> done, Throwable failure) {
    stream.reset(McpException.streamError(ErrorCode.REQUEST_CANCELED, "the storage has failed"));
    done.tryFail(failure);
  }

  /** Sends what an iterator gives, as fast as the peer reads. */
  public void send(Iterator<Message> messages, McpStream stream) {
    while (messages.hasNext() && !stream.writeQueueFull()) {
      stream.write(messages.next());
    }
    if (messages.hasNext()) {
      stream.drainHandler(v -> send(messages, stream));
    } else {
      stream.drainHandler(null);
      stream.end();
    }
  }

  /** A stream is a Vert.x stream: pipes go both ways. */
  public Future<Void> relay(ReadStream<Message> from, McpStream to) {
    return from.pipeTo(to);
  }

  /** Runs a stateful model over windows of a sound; the state stays with the model. */
  public Future<List<Float>> speech(McpClient client, List<float[]> windows) {
    return client
        .sequence(SequenceRequest.of("vad").output("output"))
        .compose(
            sequence -> {
              List<Future<Float>> steps = new ArrayList<>();
              for (float[] window : windows) {
                Tensor input = Tensor.of("input", window, 1, window.length);
                Tensor rate = Tensor.of("sr", new long[] {16_000}).reshaped();
                steps.add(sequence.step(input, rate).map(result -> result.first().toFloats()[0]));
              }
              return Future.all(steps)
                  .compose(all -> sequence.end())
                  .map(v -> steps.stream().map(Future::result).toList());
            });
  }

  /** Writes a text as a model makes it, and no faster than the output takes it. */
  public Future<GenerationEnd> tell(McpClient client, Function<Long, Future<Void>> output) {
    return client
        .generate(GenerationRequest.of("story", 1).maxTokens(200).temperature(0.8).seed(42))
        .compose(
            tokens -> {
              tokens.handler(
                  token -> {
                    tokens.pause();
                    output.apply(token.id()).onSuccess(v -> tokens.resume());
                  });
              return tokens.result();
            });
  }
}

package io.modelcontrol.serving;

import static io.modelcontrol.testing.TestNode.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.Tensor;
import io.modelcontrol.runtime.MessageBus;
import io.modelcontrol.runtime.ModelCatalog;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.server.McpServerSession;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.lang.reflect.Proxy;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What is sent to a model is what is left of the request's time at that moment. */
class DeadlineTest {
  private static final long STEP_MS = 300;

  private static final McpStream STREAM =
      (McpStream)
          Proxy.newProxyInstance(
              DeadlineTest.class.getClassLoader(),
              new Class<?>[] {McpStream.class},
              (proxy, method, arguments) -> proxy);

  private static final McpServerSession SESSION =
      (McpServerSession)
          Proxy.newProxyInstance(
              DeadlineTest.class.getClassLoader(),
              new Class<?>[] {McpServerSession.class},
              (proxy, method, arguments) ->
                  method.getName().equals("identity") ? "anonymous" : null);

  private static McpServerRequest request(Message message) {
    return (McpServerRequest)
        Proxy.newProxyInstance(
            DeadlineTest.class.getClassLoader(),
            new Class<?>[] {McpServerRequest.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "message" -> message;
                  case "stream" -> STREAM;
                  case "session" -> SESSION;
                  default -> null;
                });
  }

  /** The clock goes on by 300 ms between the arrival and the moment when the message is sent. */
  private static long sentWith(Message message) throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      AtomicLong clock = new AtomicLong(-TimeUnit.MILLISECONDS.toNanos(STEP_MS));
      Promise<Long> sent = Promise.promise();
      MessageBus bus = new MessageBus(vertx);
      ModelCatalog catalog = new ModelCatalog(vertx, bus, System::nanoTime);
      InferenceHandler handler =
          new InferenceHandler(
              bus,
              catalog,
              new ServingOptions(),
              () -> clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(STEP_MS)));
      vertx
          .eventBus()
          .<Message>consumer(
              MessageBus.modelAddress("m", null), call -> sent.complete(call.body().timeoutMs()));
      vertx.runOnContext(v -> handler.handle(request(message)));
      return await(sent.future());
    } finally {
      await(vertx.close());
    }
  }

  private static Message message() {
    return Message.of(MessageType.INFERENCE_REQ)
        .modelName("m")
        .tensor(Tensor.of("x", new float[] {1}));
  }

  @Test
  void subtractsWhatWasWaitedOnTheSessionNode() throws Exception {
    assertThat(sentWith(message().timeoutMs(5_000))).isEqualTo(5_000 - STEP_MS);
  }

  @Test
  void subtractsItFromTheServersTimeToo() throws Exception {
    assertThat(sentWith(message())).isEqualTo(ServingOptions.DEFAULT_TIMEOUT_MS - STEP_MS);
    assertThat(sentWith(message().timeoutMs(Long.MAX_VALUE)))
        .isEqualTo(ServingOptions.DEFAULT_MAX_TIMEOUT_MS - STEP_MS);
  }

  @Test
  void neverSendsLessThanOneMillisecond() throws Exception {
    assertThat(sentWith(message().timeoutMs(100))).isEqualTo(1);
  }
}

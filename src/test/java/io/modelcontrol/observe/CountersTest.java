package io.modelcontrol.observe;

import static io.modelcontrol.testing.TestNode.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.InferenceRequest;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.server.McpServer;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is counted, on both ends of sessions in one process. */
class CountersTest {
  private static final int WINDOW_BYTES = 64 * 1024;

  private final Observability observability = Observability.create(new ObserveOptions());
  private final Vertx vertx =
      observability.builder().with(observability.observed(new VertxOptions())).build();
  private final AtomicInteger refusals = new AtomicInteger();
  private McpServer server;
  private McpClient client;

  @BeforeEach
  void start() throws Exception {
    observability.install(vertx);
    server =
        McpServer.create(vertx, new McpServerOptions().setPort(0))
            .requestHandler(
                MessageType.INFERENCE_REQ,
                request -> {
                  Message message = request.message();
                  if (refusals.getAndDecrement() > 0) {
                    message.release();
                    request.fail(McpException.streamError(ErrorCode.OVERLOADED, "not now"));
                  } else {
                    Message answer = Message.of(MessageType.INFERENCE_RESULT);
                    message.tensors().forEach(answer::tensor);
                    request.reply(answer);
                  }
                });
    await(server.listen());
    client =
        McpClient.create(
            vertx,
            new McpClientOptions().setPort(server.actualPort()).setStreamWindowBytes(WINDOW_BYTES));
    await(client.connect());
  }

  @AfterEach
  void stop() throws Exception {
    await(client.close());
    await(vertx.close());
    observability.close();
  }

  @Test
  void framesAndTheirPayloadAreCountedWhereTheyAreSentAndReceived() throws Exception {
    double sent = sample("mcp_frame_payload_bytes_total{direction=\"sent\",type=\"DATA\"}");
    ask(1000);
    double more = sample("mcp_frame_payload_bytes_total{direction=\"sent\",type=\"DATA\"}") - sent;
    assertThat(more).isBetween(2 * 4000.0, 2 * 4500.0);
    for (String type : new String[] {"DATA", "PING"}) {
      assertThat(sample("mcp_frames_total{direction=\"received\",type=\"" + type + "\"}"))
          .as(type)
          .isEqualTo(sample("mcp_frames_total{direction=\"sent\",type=\"" + type + "\"}"));
    }
  }

  @Test
  void anAnswerThatExceedsTheWindowStalls() throws Exception {
    ask(1000);
    assertThat(sample("mcp_credit_stalls_total")).isZero();
    ask(WINDOW_BYTES);
    assertThat(sample("mcp_credit_stalls_total")).isPositive();
  }

  @Test
  void requestsThatAreSentOnceMoreAreCounted() throws Exception {
    refusals.set(2);
    ask(1);
    assertThat(sample("mcp_client_retries_total")).isEqualTo(2);
  }

  private void ask(int elements) throws Exception {
    Tensor tensor = Tensor.of("x", new float[elements]);
    await(client.infer(InferenceRequest.of("echo", tensor)));
  }

  private double sample(String name) {
    Matcher line =
        Pattern.compile("^" + Pattern.quote(name) + " (.*)$", Pattern.MULTILINE)
            .matcher(observability.scrape("text/plain"));
    assertThat(line.find()).as(name).isTrue();
    return Double.parseDouble(line.group(1));
  }
}

package io.modelcontrol.server;

import static io.modelcontrol.testing.TestNode.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.read.ListAppender;
import ch.qos.logback.core.status.Status;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.InferenceRequest;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.client.RetryOptions;
import io.modelcontrol.testing.TestNode;
import io.vertx.core.json.JsonObject;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What a node logs, and in which form. */
class LogTest {
  private static final String TRACE = "0123456789abcdef0123456789abcdef";
  private static final File CONFIGURATION = new File("src/main/resources/logback.xml");

  @Test
  void aRequestThatTheNodeFailsHasALineWithTheTraceOfItsClient(@TempDir Path store)
      throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger("io.modelcontrol.server.Request");
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    try (TestNode node = new TestNode(store)) {
      McpClient client =
          node.client(new McpClientOptions().setRetry(new RetryOptions().setMaxAttempts(1)));
      byte[] fails = "{\"op\":\"fail\",\"message\":\"no\"}".getBytes(StandardCharsets.UTF_8);
      await(client.load(ModelUpload.of("fails", "1", fails)));
      InferenceRequest request =
          InferenceRequest.of("fails", Tensor.of("input", new float[] {1}))
              .traceparent("00-" + TRACE + "-0123456789abcdef-01");
      assertThatThrownBy(() -> await(client.infer(request)))
          .isInstanceOfSatisfying(
              McpException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.RUNTIME_FAILURE));
      // A mistake of the client is none of the node's business.
      assertThatThrownBy(() -> await(client.infer("nobody"))).isInstanceOf(McpException.class);
    } finally {
      logger.detachAppender(lines);
    }
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(
            "request failed: type=INFERENCE_REQ model=fails code=RUNTIME_FAILURE trace_id="
                + TRACE
                + ": no");
  }

  @Test
  void logsJsonOnDemand() throws Exception {
    String line = logged("json");
    JsonObject json = new JsonObject(line);
    assertThat(json.getString("level")).isEqualTo("WARN");
    assertThat(json.getString("loggerName")).isEqualTo("io.modelcontrol.Example");
    assertThat(json.getString("formattedMessage")).isEqualTo("one \"two\"");
    assertThat(json.getLong("timestamp")).isPositive();
  }

  @Test
  void logsTextOtherwise() throws Exception {
    assertThat(logged(null)).isEqualTo("WARN  [main] i.m.Example - one \"two\"\n");
  }

  private static String logged(String formatOrNull) throws Exception {
    LoggerContext context = new LoggerContext();
    context.setMDCAdapter(new LogbackMDCAdapter());
    if (formatOrNull != null) {
      context.putProperty("MODELCTL_LOG", formatOrNull);
    }
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    configurator.doConfigure(CONFIGURATION);
    // Otherwise logback prints what it thinks of the file, before the first line of every command.
    assertThat(context.getStatusManager().getCopyOfStatusList())
        .allSatisfy(status -> assertThat(status.getLevel()).isLessThan(Status.WARN));
    ConsoleAppender<ILoggingEvent> used =
        (ConsoleAppender<ILoggingEvent>) context.getLogger("ROOT").iteratorForAppenders().next();
    Logger logger = context.getLogger("io.modelcontrol.Example");
    LoggingEvent event =
        new LoggingEvent(
            LogTest.class.getName(), logger, Level.WARN, "one {}", null, new Object[] {"\"two\""});
    event.setThreadName("main");
    return new String(used.getEncoder().encode(event), StandardCharsets.UTF_8);
  }
}

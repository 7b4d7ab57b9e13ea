package io.modelcontrol.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.ModelId;
import io.modelcontrol.ModelState;
import io.modelcontrol.Tensor;
import io.modelcontrol.server.McpServer;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code modelctl generate} asks for and prints; the server is a script. */
class GenerateVerbTest {
  private static final long WAIT_SECONDS = 30;
  private static final long[] ANSWER = {3, 4, 5};

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Vertx vertx = Vertx.vertx();
  @TempDir Path folder;
  private McpServer server;
  private Path vocabulary;
  private volatile Message asked;

  @BeforeEach
  void start() throws Exception {
    List<String> pieces = List.of("<unk>", "<s>", "\u2581a", "\u2581b", "c", "<0x0A>");
    vocabulary = folder.resolve("vocab.json");
    Files.writeString(vocabulary, new JsonArray(pieces).encode());
    server = McpServer.create(vertx, new McpServerOptions().setPort(0));
    server.requestHandler(MessageType.STATE_SYNC, GenerateVerbTest::list);
    server.requestHandler(MessageType.INFERENCE_REQ, this::generate);
    server.listen().await(WAIT_SECONDS, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() throws Exception {
    vertx.close().await(WAIT_SECONDS, TimeUnit.SECONDS);
  }

  private static void list(McpServerRequest request) {
    request.message().release();
    ModelDescriptor model =
        new ModelDescriptor(
            new ModelId("m", "1"),
            null,
            List.of(),
            List.of(),
            List.of(),
            "onnx",
            Map.of("generate.tokens", "ids"),
            ModelState.READY);
    request.reply(Message.of(MessageType.STATE_SYNC).descriptor(model));
  }

  private void generate(McpServerRequest request) {
    asked = request.message().toHeap();
    McpStream stream = request.stream();
    stream.handler(Message::release);
    for (long token : ANSWER) {
      stream.write(
          Message.of(MessageType.INFERENCE_RESULT).tensor(Tensor.of("token", new long[] {token})));
    }
    if (asked.parameters().containsKey("seed")) {
      request.fail(McpException.streamError(ErrorCode.RUNTIME_FAILURE, "no seeds"));
    } else {
      stream.end(
          Message.of(MessageType.INFERENCE_RESULT)
              .parameter("finish-reason", "stop")
              .parameter("tokens", "3"));
    }
  }

  private int run(String... args) {
    Map<String, String> variables =
        Map.of(Modelctl.SERVER_VARIABLE, "mcp://127.0.0.1:" + server.actualPort());
    Console console =
        new Console(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false,
            variables);
    return Modelctl.run(console, args);
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void printsTheTextWithoutTheBlankBeforeIt() {
    assertThat(run("generate", "m", "--vocab", vocabulary.toString())).as(err()).isZero();
    assertThat(out()).isEqualTo("bc\n" + System.lineSeparator());
    assertThat(asked.tensors().get(0).name()).isEqualTo("ids");
    assertThat(asked.tensors().get(0).toLongs()).containsExactly(1);
    assertThat(asked.parameters()).containsOnlyKeys("mode", "window");
  }

  @Test
  void printsThePromptBeforeWhatFollowsIt() {
    String[] args = {"generate", "m", "--vocab", vocabulary.toString(), "--prompt", "a b"};
    assertThat(run(args)).as(err()).isZero();
    assertThat(out()).isEqualTo("a b bc\n" + System.lineSeparator());
    assertThat(asked.tensors().get(0).toLongs()).containsExactly(1, 2, 3);
  }

  @Test
  void printsNumbersWithoutAVocabulary() {
    assertThat(run("generate", "m", "--tokens", "1,2")).as(err()).isZero();
    assertThat(out()).isEqualTo("3 4 5" + System.lineSeparator());
    assertThat(asked.tensors().get(0).toLongs()).containsExactly(1, 2);
  }

  @Test
  void beginsWithTheTokenThatIsToldToBeginTexts() {
    assertThat(run("generate", "m", "--bos", "7")).isZero();
    assertThat(asked.tensors().get(0).toLongs()).containsExactly(7);
  }

  @Test
  void asksForTheChoiceOfTokens() {
    String line =
        "generate m --version 1 --max-tokens 9 --temperature 0.7 --top-k 40 --top-p 0.9"
            + " --stop-tokens 2,13 --timeout 9000";
    assertThat(run(line.split(" "))).as(err()).isZero();
    assertThat(asked.modelVersion()).isEqualTo("1");
    assertThat(asked.timeoutMs()).isBetween(1L, 9000L);
    assertThat(asked.parameters())
        .containsEntry("max-tokens", "9")
        .containsEntry("temperature", "0.7")
        .containsEntry("top-k", "40")
        .containsEntry("top-p", "0.9")
        .containsEntry("stop-tokens", "2,13");
  }

  @Test
  void printsJsonForMachines() {
    String[] args = {"generate", "m", "--json", "--vocab", vocabulary.toString()};
    assertThat(run(args)).isZero();
    JsonObject json = new JsonObject(out());
    assertThat(json.getJsonArray("tokens")).isEqualTo(new JsonArray(List.of(3, 4, 5)));
    assertThat(json.getString("text")).isEqualTo("bc\n");
    assertThat(json.getString("finishReason")).isEqualTo("stop");
  }

  @Test
  void endsTheLineOfATextThatBreaksOff() {
    assertThat(run("generate", "m", "--seed", "5")).isEqualTo(Exit.REFUSED);
    assertThat(out()).isEqualTo("3 4 5" + System.lineSeparator());
    assertThat(err()).contains("RUNTIME_FAILURE").contains("no seeds");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "generate m --prompt a",
        "generate m --prompt a --tokens 1",
        "generate m --vocab missing.json",
        "generate m --max-tokens 0",
        "generate m --temperature -1",
        "generate m --top-p 2",
        "generate m --tokens x",
        "generate"
      })
  void refusesWhatMakesNoSense(String line) {
    assertThat(run(line.split(" "))).isEqualTo(Exit.USAGE);
    assertThat(err()).startsWith("modelctl: ").contains("--help").hasLineCount(1);
  }

  @Test
  void namesAModelThatIsNotThere() {
    assertThat(run("generate", "m", "--version", "8")).isEqualTo(Exit.REFUSED);
    assertThat(err()).contains("MODEL_NOT_FOUND").contains("version 8");
  }

  @Test
  void itsHelpTellsHowAPromptIsCut() {
    assertThat(run("generate", "--help")).isZero();
    assertThat(out()).contains("longest pieces").contains("--stop-tokens").contains("--bos");
  }
}

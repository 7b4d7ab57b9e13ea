package io.modelcontrol.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.testing.OnnxModels;
import io.modelcontrol.testing.TestNode;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import javax.imageio.ImageIO;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The verbs, in this process, against a real server on a free port. */
class ModelctlTest {
  private static final String CHAIN =
      "Resize(width=28, height=28); Color(to=GRAY); Layout(to=CHW); Cast(dtype=FLOAT)";

  @TempDir private static Path folder;
  private static TestNode node;
  private static Path mnist;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @BeforeAll
  static void start() throws Exception {
    node = new TestNode(folder.resolve("store"));
    mnist = Files.write(folder.resolve("mnist.onnx"), DemoData.model("mnist_cntk"));
  }

  @AfterAll
  static void stop() throws Exception {
    node.close();
  }

  private int run(String... args) {
    return run(false, args);
  }

  private int run(boolean terminal, String... args) {
    Map<String, String> variables =
        Map.of(Modelctl.SERVER_VARIABLE, "mcp://127.0.0.1:" + node.port());
    Console console =
        new Console(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            terminal,
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
  void updatesRollsBackAndWatches() throws Exception {
    load("changing");
    Path next = Files.write(folder.resolve("next.onnx"), OnnxModels.add(1));
    assertThat(run("update", "changing", next.toString(), "--version", "2")).as(err()).isZero();
    assertThat(out()).contains("active changing/2, runtime onnx");
    assertThat(run("rollback", "changing")).as(err()).isZero();
    assertThat(out()).contains("active changing/1");
    // The version before goes in its own time, and is in the list until then.
    Awaitility.await()
        .untilAsserted(
            () -> {
              out.reset();
              assertThat(run("watch", "changing", "--count", "1")).as(err()).isZero();
              assertThat(out()).contains("MODEL", "changing  1        READY  100 %");
            });
    assertThat(run("promote", "changing")).isEqualTo(Exit.of(ErrorCode.UPDATE_CONFLICT));
    assertThat(err()).contains("no version of model 'changing' is being tried");
    assertThat(
            run(
                "update",
                "changing",
                next.toString(),
                "--version",
                "3",
                "--shadow",
                "--canary",
                "5"))
        .isEqualTo(Exit.USAGE);
    assertThat(run("unload", "changing")).isZero();
  }

  @Test
  void checksARuntimeAndReports() throws Exception {
    Path report = folder.resolve("runtime.xml");
    String file = report.toString();
    String[] words = {
      "conformance", "--runtime", "reference", "--only", "*int8*", "--report", file
    };
    assertThat(run(words)).as(err()).isZero();
    assertThat(out())
        .contains(
            "NOT RUN int8/mixed-precision: a runtime computes",
            "8 cases: 2 passed, 0 failed, 6 not run");
    assertThat(Files.readString(report))
        .contains("name=\"runtime-reference\"", "failures=\"0\"", "<skipped", ">not run<");
    assertThat(run("conformance", "--runtime", "nobody")).isEqualTo(Exit.USAGE);
    assertThat(err()).contains("--runtime: there is no 'nobody', but [");
    out.reset();
    assertThat(run("conformance", "--runtime", "onnx", "--list", "--only", "cancel/*")).isZero();
    assertThat(out().lines()).hasSize(5);
  }

  private void load(String name) {
    assertThat(run("load", name, mnist.toString(), "--version", "1", "--preprocess", CHAIN))
        .as("%s", err())
        .isZero();
  }

  @Test
  void loadsListsDescribesAndUnloads() {
    load("life");
    assertThat(out()).matches("loaded life/1, runtime onnx, sent (0|26454) of 26454 bytes\\R");
    assertThat(run("models")).isZero();
    assertThat(out()).containsPattern("(?m)^life +1 +READY +100 % +onnx ");
    assertThat(run("describe", "life")).isZero();
    assertThat(out()).contains("input       Input3  FLOAT[1, 1, 28, 28]", "Color(to=GRAY)");
    assertThat(run("unload", "life", "--version", "1")).isZero();
    out.reset();
    assertThat(run("models", "--json")).isZero();
    assertThat(new JsonArray(out()).stream().map(m -> ((JsonObject) m).getString("name")))
        .doesNotContain("life");
    assertThat(err()).isEmpty();
  }

  @Test
  void infersFromNumpyAndJsonAndPrintsJson() throws IOException {
    load("digits");
    DemoData.Sample digit = DemoData.digits().get(0);
    Path npy = Files.write(folder.resolve("digit.npy"), NpyFile.write(digit.input()));
    Path json =
        Files.writeString(
            folder.resolve("digit.json"), JsonTensors.toNested(digit.input()).toString());
    for (Path file : new Path[] {npy, json}) {
      out.reset();
      assertThat(run("infer", "digits", "--input", "Input3=" + file, "--json"))
          .as("%s", err())
          .isZero();
      JsonObject output = new JsonObject(out()).getJsonArray("outputs").getJsonObject(0);
      JsonObject best = output.getJsonArray("top").getJsonArray(0).getJsonObject(0);
      assertThat(best.getString("label")).isEqualTo(digit.label());
      assertThat(output.getJsonArray("data")).hasSize(10);
    }
  }

  @Test
  void infersFromAnImageByTheModelsOwnChainAndNamesTheClasses() throws IOException {
    load("image");
    DemoData.Sample digit = DemoData.digits().get(0);
    Path png = picture(digit);
    Path labels =
        Files.writeString(
            folder.resolve("labels.txt"),
            "zero\none\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n");
    assertThat(
            run(
                "infer",
                "image",
                "--input",
                png.toString(),
                "--labels",
                labels.toString(),
                "--top-k",
                "1"))
        .as("%s", err())
        .isZero();
    String[] words = "zero one two three four five six seven eight nine".split(" ", 10);
    assertThat(out()).contains(words[Integer.parseInt(digit.label())]);
    assertThat(out()).contains("round trip", "in the runtime");
    assertThat(out()).doesNotContain("\u001b");
  }

  private static Path picture(DemoData.Sample digit) throws IOException {
    BufferedImage image = new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY);
    float[] pixels = digit.input().toFloats();
    for (int i = 0; i < pixels.length; i++) {
      image.getRaster().setSample(i % 28, i / 28, 0, (int) pixels[i]);
    }
    Path file = folder.resolve("digit.png");
    ImageIO.write(image, "png", file.toFile());
    return file;
  }

  @Test
  void usesColorsAndABarOnATerminalOnly() throws IOException {
    assertThat(run(true, "load", "bar", mnist.toString(), "--version", "1")).isZero();
    Path npy =
        Files.write(folder.resolve("bar.npy"), NpyFile.write(DemoData.digits().get(0).input()));
    assertThat(run(true, "infer", "bar", "--input", npy.toString())).isZero();
    assertThat(out()).contains("\u001b[1m");
    out.reset();
    assertThat(run(true, "infer", "bar", "--input", npy.toString(), "--no-color")).isZero();
    assertThat(out()).doesNotContain("\u001b");
  }

  @Test
  void pingsAsOftenAsAsked() {
    assertThat(run("ping", "--count", "2")).isZero();
    assertThat(out().lines()).hasSize(2).allMatch(line -> line.contains("answered in"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "models --servr x                 | 2 | Unknown option",
        "frobnicate                       | 2 | frobnicate",
        "load x                           | 2 | Missing required",
        "load x /absent.onnx --version 1  | 2 | is missing or cannot be read",
        "models --server http://a         | 2 | server must be mcp://host:port",
        "ping --count 0                   | 2 | --count must be 1 to",
        "serve --role model               | 2 | --role model needs --cluster",
        "serve --config /absent.json      | 2 | config: the file cannot be read",
        "serve --port 70000               | 2 | key 'server.port' must be at most 65535",
        "models --server mcp://127.0.0.1:1| 3 | NETWORK_CONNECTION_REFUSED",
        "infer absent --input a.json      | 4 | MODEL_NOT_FOUND",
        "describe absent                  | 4 | MODEL_NOT_FOUND",
        "unload absent                    | 4 | MODEL_NOT_FOUND",
        "load ../x LICENSE --version 1    | 2 | model name must be",
        "load x LICENSE --version 1       | 4 | MODEL_REJECTED"
      })
  void failsInOneLineThatSaysWhatToDo(String command, int exit, String text) {
    assertThat(run(command.split(" +"))).isEqualTo(exit);
    assertThat(err().lines()).hasSize(1).first().asString().startsWith("modelctl: ").contains(text);
    assertThat(out()).isEmpty();
  }

  @Test
  void aMissingCommandIsWrongUsage() {
    assertThat(run()).isEqualTo(Exit.USAGE);
    assertThat(err()).contains("a command is missing; see 'modelctl --help'");
  }

  @Test
  void helpTellsVerbsAndExitCodes() {
    assertThat(run("--help")).isZero();
    assertThat(out()).contains("serve", "infer", "demo", "Exit codes:", "not done in time");
  }

  @Test
  void completesEveryVerb() {
    assertThat(run("completion")).isZero();
    assertThat(out()).contains("complete -F", "serve", "--cluster-members");
  }

  @Test
  void writesThePublishedStory() throws IOException {
    Path stories = Path.of("src/test/resources/onnx-pack/models/stories260k_kvcache");
    String load =
        "load stories "
            + stories.resolve("model.onnx")
            + " --version 1 --param state.present.*=past.* --param state-shape.past.*=1,4,0,8"
            + " --param generate.tokens=input_ids --param generate.positions=position_ids"
            + " --param generate.logits=logits";
    assertThat(run(load.split(" "))).as("%s", err()).isZero();
    out.reset();
    String generate = "generate stories --max-tokens 200 --vocab " + stories.resolve("vocab.json");
    assertThat(run(generate.split(" "))).as("%s", err()).isZero();
    String story = Files.readString(stories.resolve("expected_text.txt"));
    assertThat(out()).isEqualTo(story + System.lineSeparator());
    assertThat(run("unload", "stories")).isZero();
  }

  @Test
  void theDemoRecognizesEverythingAndLeavesNothingBehind() throws IOException {
    assertThat(run("demo")).as("%s", err()).isZero();
    assertThat(out()).contains("21 of 21 digits right", "silero_vad", "60 tokens");
  }

  @ParameterizedTest
  @CsvSource({
    "serve, true",
    "models, true",
    "--help, true",
    "-V, true",
    "--server=mcp://a, true",
    "frobnicate, true",
    "io.modelcontrol.verticle.ServerVerticle, false",
    "-cluster, false",
    "MyVerticle, false"
  })
  void tellsItsOwnArgumentsFromTheLaunchers(String argument, boolean known) {
    assertThat(Modelctl.knows(argument)).isEqualTo(known);
  }
}

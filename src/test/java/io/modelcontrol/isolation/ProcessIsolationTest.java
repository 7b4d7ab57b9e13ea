package io.modelcontrol.isolation;

import static io.modelcontrol.testing.TestNode.await;
import static io.modelcontrol.testing.TestNode.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.ErrorLevel;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelState;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.InferenceRequest;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.client.McpSequence;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.client.RetryOptions;
import io.modelcontrol.client.SequenceRequest;
import io.modelcontrol.isolation.KillerRuntime.Deed;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.runtime.ModelIsolation;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.serving.ServingOptions;
import io.modelcontrol.testing.OnnxModels;
import io.modelcontrol.testing.TestNode;
import io.vertx.core.Future;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Models in processes of their own: what they do to these processes, and what the node notices. */
class ProcessIsolationTest {
  private static final long MIB = 1024 * 1024;

  @TempDir Path store;
  private final ModelHostOptions host = new ModelHostOptions();
  private final ServingOptions serving = new ServingOptions();
  private TestNode node;
  private McpClient client;

  @BeforeEach
  void start() throws Exception {
    host.setStore(store.toString())
        .setWorkersPerModel(1)
        .setIsolation(ModelIsolation.PROCESS)
        .setProcessMemoryBytes(768 * MIB)
        .setProcessStandby(false);
    open();
  }

  private void open() throws Exception {
    node = new TestNode(host, new McpServerOptions(), serving);
    client = node.client(new McpClientOptions().setRetry(new RetryOptions().setMaxAttempts(1)));
  }

  private void reopen() throws Exception {
    node.close();
    open();
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
    Awaitility.await("processes of a node that was closed")
        .atMost(Duration.ofSeconds(5))
        .until(() -> processes().isEmpty() && folders().isEmpty());
  }

  private static List<ProcessHandle> processes() {
    return ProcessHandle.current()
        .children()
        .filter(child -> child.info().command().orElse("").endsWith("java"))
        .toList();
  }

  /** The folders of the processes that this one has started; they carry its number. */
  private static List<String> folders() {
    String begin = "mcp-" + ProcessHandle.current().pid() + "-";
    return Stream.of(new File(System.getProperty("java.io.tmpdir")).list())
        .filter(name -> name.startsWith(begin))
        .toList();
  }

  @Test
  void answersAsWithinTheNode() throws Exception {
    load("add", OnnxModels.add(-1));
    Tensor a = Tensor.of("a", new float[] {1, 2});
    Tensor b = Tensor.of("b", new float[] {3, 4});
    assertThat(await(client.infer("add", a, b)).first().toFloats()).containsExactly(4, 6);
    assertThat(failure(client.infer("add", a)).code()).isEqualTo(ErrorCode.INVALID_TENSOR);
    assertThat(processes()).hasSize(1);
    await(client.unload("add"));
    Awaitility.await("the process of a model that was unloaded").until(() -> processes().isEmpty());
  }

  @Test
  void whatWasLoadedIsThereAfterARestart() throws Exception {
    load("add", OnnxModels.add(-1));
    reopen();
    Tensor one = Tensor.of("a", new float[] {1});
    assertThat(await(client.infer("add", one, one.retain().renamed("b"))).first().toFloats())
        .containsExactly(2);
    assertThat(processes()).hasSize(1);
  }

  @Test
  void aProcessThatWaitsTakesThePlaceOfOneThatEndsAndGoesWithTheLastModel() throws Exception {
    host.setProcessStandby(true);
    reopen();
    load("killer", KillerRuntime.model("standby"));
    Awaitility.await("a process that waits").until(() -> processes().size() == 2);
    List<ProcessHandle> both = processes();
    for (int end = 1; end <= both.size(); end++) {
      awaitAnswer();
      assertThat(failure(ask(Deed.EXIT)).code()).isEqualTo(ErrorCode.RUNTIME_FAILURE);
    }
    Awaitility.await("the end of the one that served first, and of the one that waited")
        .until(() -> both.stream().noneMatch(ProcessHandle::isAlive));
    awaitAnswer();
    await(client.unload("killer"));
    Awaitility.await("the one that waits, too").until(() -> processes().isEmpty());
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void processesMapOneCopyOfTheNativeLibraries() throws Exception {
    load("add", OnnxModels.add(-1));
    load("sub", OnnxModels.add(1));
    List<String> copies = new ArrayList<>();
    for (ProcessHandle process : processes()) {
      copies.addAll(mapped(process.pid(), "libonnxruntime.so"));
    }
    assertThat(copies).hasSize(2);
    assertThat(new HashSet<>(copies)).hasSize(1);
  }

  /** The files of a name that are mapped into a process. */
  private static Set<String> mapped(long pid, String name) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + pid + "/maps")).stream()
        .filter(line -> line.endsWith("/" + name))
        .map(line -> line.substring(line.indexOf('/')))
        .collect(Collectors.toSet());
  }

  @Test
  void carriesTensorsOfManyMegabytesBothWays() throws Exception {
    load("add", OnnxModels.add(-1));
    float[] large = new float[10_000_000];
    large[9_999_999] = 5;
    InferenceRequest request =
        InferenceRequest.of("add", Tensor.of("a", large), Tensor.of("b", large));
    assertThat(await(client.infer(request)).first().toFloats()[9_999_999]).isEqualTo(10);
  }

  @Test
  void keepsTheStateOfSequences() throws Exception {
    await(
        client.load(
            ModelUpload.of("sum", "1", OnnxModels.runningSum())
                .parameter("state.total", "before")));
    McpSequence sequence = await(client.sequence(SequenceRequest.of("sum")));
    for (float before : new float[] {0, 2, 4}) {
      Tensor two = Tensor.of("x", new float[] {2});
      assertThat(await(sequence.step(two)).first().toFloats()).containsExactly(before);
    }
    await(sequence.end());
  }

  @Test
  void aProcessSeesNothingOfTheNode() throws Exception {
    load("killer", KillerRuntime.model("look"));
    String said =
        await(client.infer("killer", KillerRuntime.input(Deed.LOOK))).first().toStrings().get(0);
    assertThat(said)
        .matches("\\[(ALLOW_RELEASED_ONNX_OPSET_ONLY, )?LC_ALL, MALLOC_ARENA_MAX, ORT_.*] 0");
    assertThat(ask(Deed.SHOUT).await()).isNotNull();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aProcessThatServesHasAllProcessorsAndIsNicerThanTheNode() throws Exception {
    load("add", OnnxModels.add(-1));
    Path process = Path.of("/proc/" + processes().get(0).pid());
    List<String> own = allowed(Path.of("/proc/self"));
    for (File thread : process.resolve("task").toFile().listFiles()) {
      assertThat(allowed(thread.toPath())).isEqualTo(own);
    }
    assertThat(nice(process)).isEqualTo(nice(Path.of("/proc/self")) + 10);
  }

  private static List<String> allowed(Path thread) throws IOException {
    return Files.readAllLines(thread.resolve("status")).stream()
        .filter(line -> line.startsWith("Cpus_allowed_list"))
        .toList();
  }

  /** Of the words after the name, which may have spaces, the 17th. */
  private static int nice(Path process) throws IOException {
    String stat = Files.readString(process.resolve("stat"));
    return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[16]);
  }

  @ParameterizedTest
  @EnumSource(names = {"CRASH", "EXIT", "FILL_HEAP", "FILL_MEMORY"})
  void aModelThatEndsItsProcessGetsAnotherOne(Deed deed) throws Exception {
    load("killer", KillerRuntime.model(deed.name()));
    McpException error = failure(ask(deed));
    assertThat(error.code()).isEqualTo(ErrorCode.RUNTIME_FAILURE);
    assertThat(error.level()).as("not to be repeated").isEqualTo(ErrorLevel.CRITICAL);
    assertThat(error).hasMessage("the process of the model ended while the request was running");
    McpException meanwhile = failure(ask(Deed.NOTHING));
    assertThat(meanwhile.code()).isEqualTo(ErrorCode.MODEL_NOT_READY);
    assertThat(meanwhile.retryAfterMs()).isPositive();
    awaitAnswer();
  }

  /** More than the machine may have, by an operator that every ONNX model may use. */
  @Test
  void fourGibibytesAreRefusedOrEndTheProcessButNotTheNode() throws Exception {
    load("zeros", OnnxModels.manyZeros());
    Tensor few = Tensor.of("n", new long[] {1000});
    Tensor many = Tensor.of("n", new long[] {1L << 30});
    assertThat(failure(client.infer("zeros", many)).code()).isEqualTo(ErrorCode.RUNTIME_FAILURE);
    Awaitility.await("an answer").until(() -> answers(client.infer("zeros", few)));
  }

  @Test
  void aRunThatListensEndsAtItsDeadlineInItsProcess() throws Exception {
    load("loop", OnnxModels.loop());
    ProcessHandle process = processes().get(0);
    Tensor x = Tensor.of("x", new float[] {0});
    InferenceRequest endless =
        InferenceRequest.of("loop", x, Tensor.of("turns", new long[] {Long.MAX_VALUE}));
    assertThat(failure(client.infer(endless.timeoutMs(200))).code())
        .isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    await(client.infer("loop", x, Tensor.of("turns", new long[] {3})));
    assertThat(processes()).containsExactly(process);
  }

  @Test
  void aRunThatDoesNotListenIsKilledAtItsDeadline() throws Exception {
    load("killer", KillerRuntime.model("stubborn"));
    InferenceRequest request =
        InferenceRequest.of("killer", KillerRuntime.input(Deed.NEVER_END)).timeoutMs(200);
    assertThat(failure(client.infer(request)).code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    awaitAnswer();
  }

  @Test
  void afterThreeStrikesAContentIsInQuarantine() throws Exception {
    byte[] content = KillerRuntime.model("persistent");
    load("killer", content);
    for (int strike = 1; strike <= Quarantine.STRIKES; strike++) {
      awaitAnswer();
      assertThat(failure(ask(Deed.EXIT)).code()).isEqualTo(ErrorCode.RUNTIME_FAILURE);
    }
    McpException error = failure(ask(Deed.NOTHING));
    assertThat(error.code()).isEqualTo(ErrorCode.MODEL_REJECTED);
    assertThat(error).hasMessageStartingWith("QUARANTINE: ");
    Awaitility.await("the state of the model")
        .until(() -> await(client.list("killer")).get(0).state() == ModelState.FAILED);
    ModelUpload again = ModelUpload.of("other", "1", content);
    assertThat(failure(client.load(again))).hasMessageStartingWith("QUARANTINE: ");
    await(client.unload("killer"));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aProcessThatCannotBeStartedIsNoStrikeAndIsTriedAgain() throws Exception {
    load("killer", KillerRuntime.model("patient"));
    Path starts = store.resolve("starts");
    String home = System.setProperty("java.home", jvmThatEnds(starts).toString());
    try {
      assertThat(failure(ask(Deed.EXIT)).code()).isEqualTo(ErrorCode.RUNTIME_FAILURE);
      Awaitility.await("more starts than there are strikes")
          .until(() -> lines(starts) > Quarantine.STRIKES);
      assertThat(failure(ask(Deed.NOTHING)).code()).isEqualTo(ErrorCode.MODEL_NOT_READY);
      ModelUpload other = ModelUpload.of("other", "1", KillerRuntime.model("other"));
      assertThat(failure(client.load(other)).code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
    } finally {
      System.setProperty("java.home", home);
    }
    awaitAnswer();
  }

  /** A home of a JVM which writes a line into a file, and ends. */
  private Path jvmThatEnds(Path starts) throws IOException {
    Path home = store.resolve("home");
    Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\necho start >> '" + starts + "'\nexit 1\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    return home;
  }

  private static int lines(Path file) throws IOException {
    return Files.exists(file) ? Files.readAllLines(file).size() : 0;
  }

  @Test
  void modelsThatEndTheirProcessWhenTheyAreLoadedAreRefused() throws Exception {
    ModelUpload upload =
        ModelUpload.of("killer", "1", KillerRuntime.model("load")).parameter("die-at-load", "1");
    McpException error = failure(client.load(upload));
    assertThat(error.code()).isEqualTo(ErrorCode.MODEL_REJECTED);
    assertThat(error).hasMessageStartingWith("ACTIVATION: the process of the model ended");
    assertThat(
            failure(client.load(ModelUpload.of("bad", "1", OnnxModels.unknownOperator()))).code())
        .isEqualTo(ErrorCode.MODEL_REJECTED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "process"})
  void modelsThatNeverEndAreRefusedByTheirFirstRun(String isolation) throws Exception {
    host.setActivationTimeoutMs(isolation.equals("none") ? 200 : 3_000).setIsolation(isolation);
    reopen();
    McpException error = failure(client.load(ModelUpload.of("l", "1", OnnxModels.endlessLoop())));
    assertThat(error.code()).isEqualTo(ErrorCode.MODEL_REJECTED);
    assertThat(error).hasMessageStartingWith("ACTIVATION: a first run on ones did not end");
    assertThat(await(client.list())).isEmpty();
  }

  @Test
  void onlyModelsOfThoseWhoAreNotTrustedGetAProcessByDefault() throws Exception {
    host.setIsolation(ModelHostOptions.DEFAULT_ISOLATION);
    reopen();
    load("trusted", OnnxModels.add(-1));
    assertThat(processes()).isEmpty();
    serving.setTrustedRoles(List.of("admin"));
    reopen();
    load("foreign", OnnxModels.add(1));
    assertThat(processes()).hasSize(1);
    reopen();
    assertThat(processes()).as("also after a restart").hasSize(1);
  }

  private Future<?> ask(Deed deed) {
    return client.infer("killer", KillerRuntime.input(deed));
  }

  private void awaitAnswer() {
    Awaitility.await("an answer").until(() -> answers(ask(Deed.NOTHING)));
  }

  private static boolean answers(Future<?> future) throws Exception {
    return await(future.map(true).otherwise(false));
  }

  private void load(String name, byte[] content) throws Exception {
    assertThat(await(client.load(ModelUpload.of(name, "1", content))).state())
        .isEqualTo(ModelState.READY);
  }
}

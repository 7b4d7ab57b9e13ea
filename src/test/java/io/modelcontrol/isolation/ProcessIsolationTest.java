package io.modelcontrol.isolation;

import static io.modelcontrol.testing.TestNode.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelState;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.InferenceRequest;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.client.RetryOptions;
import io.modelcontrol.isolation.KillerRuntime.Deed;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.testing.OnnxModels;
import io.modelcontrol.testing.TestNode;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Models in processes of their own: what they do to these processes, and what the node notices. */
class ProcessIsolationTest {
  private static final long MIB = 1024 * 1024;

  @TempDir Path store;
  private TestNode node;
  private McpClient client;

  @BeforeEach
  void start() throws Exception {
    ModelHostOptions host =
        new ModelHostOptions()
            .setStore(store.toString())
            .setWorkersPerModel(1)
            .setIsolation(ModelHostOptions.ISOLATION_PROCESS)
            .setProcessMemoryBytes(768 * MIB);
    node = new TestNode(host, new McpServerOptions());
    client =
        node.client(new McpClientOptions().setRetry(new RetryOptions().setMaxAttempts(1)));
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
    Awaitility.await("processes of a node that was closed")
        .atMost(Duration.ofSeconds(5))
        .until(() -> processes().isEmpty());
  }

  private static List<ProcessHandle> processes() {
    return ProcessHandle.current()
        .children()
        .filter(child -> child.info().command().orElse("").endsWith("java"))
        .toList();
  }

  @Test
  void answersAsWithinTheNode() throws Exception {
    load("add", OnnxModels.add(-1));
    float[] sum =
        await(client.infer("add", Tensor.of("a", new float[] {1, 2}), Tensor.of("b", new float[] {3, 4})))
            .first()
            .toFloats();
    assertThat(sum).containsExactly(4, 6);
    assertThat(failure(client.infer("add", Tensor.of("a", new float[] {1}))).code())
        .isEqualTo(ErrorCode.INVALID_TENSOR);
    assertThat(processes()).hasSize(1);
    await(client.unload("add"));
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

  @ParameterizedTest
  @EnumSource(names = {"CRASH", "EXIT", "FILL_HEAP", "FILL_MEMORY"})
  void aModelThatEndsItsProcessIsBackWithinTwoSeconds(Deed deed) throws Exception {
    load("killer", KillerRuntime.model(deed.name()));
    McpException error = failure(ask(deed));
    assertThat(error.code()).isEqualTo(ErrorCode.RUNTIME_FAILURE);
    assertThat(error).hasMessage("the process of the model ended while the request was running");
    assertThat(failure(ask(Deed.NOTHING)).code()).isEqualTo(ErrorCode.MODEL_NOT_READY);
    Awaitility.await("the next process")
        .atMost(Duration.ofSeconds(10))
        .until(() -> ask(Deed.NOTHING).transform(Future::succeededFuture).await().succeeded());
  }

  @Test
  void aRunThatNeverEndsAndDoesNotListenIsKilledAtItsDeadline() throws Exception {
    load("killer", KillerRuntime.model("stubborn"));
    InferenceRequest request =
        InferenceRequest.of("killer", KillerRuntime.input(Deed.NEVER_END)).timeoutMs(300);
    assertThat(failure(client.infer(request)).code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    Awaitility.await("the next process")
        .atMost(Duration.ofSeconds(10))
        .until(() -> ask(Deed.NOTHING).transform(Future::succeededFuture).await().succeeded());
  }

  private Future<?> ask(Deed deed) {
    return client.infer("killer", KillerRuntime.input(deed));
  }

  private void load(String name, byte[] content) throws Exception {
    assertThat(await(client.load(ModelUpload.of(name, "1", content))).state())
        .isEqualTo(ModelState.READY);
  }

  private static McpException failure(Future<?> future) throws Exception {
    try {
      await(future);
    } catch (McpException e) {
      return e;
    }
    throw new AssertionError("it did not fail");
  }
}

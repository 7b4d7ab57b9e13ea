package io.modelcontrol.it;

import static io.modelcontrol.testing.TestNode.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.ModelUpdate;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.testing.TestNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A model that two hosts serve changes its version on both of them, or on none. */
@Timeout(120)
class RolloutTest {
  private static final int ENOUGH_REQUESTS = 20;

  /** For one version of the model, not for two. */
  private static final long LITTLE_MEMORY = 6L << 20;

  @TempDir Path folder;
  private TestNode node;
  private McpClient client;

  @BeforeEach
  void start() throws Exception {
    node = new TestNode(host("first"), new McpServerOptions());
    client = node.client();
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  private ModelHostOptions host(String store) {
    return new ModelHostOptions().setStore(folder.resolve(store).toString());
  }

  /** The first host is the one that is known for longer, so that updates begin with it. */
  private void serveOnBoth(ModelHostOptions second) throws Exception {
    await(client.load(ModelUpload.of("m", "1", times(1))));
    assertThat(await(client.list("m"))).hasSize(1);
    node.addHost(second);
    for (int i = 0; i < ENOUGH_REQUESTS && contents("second") == 0; i++) {
      await(client.load(ModelUpload.of("m", "1", times(1))));
    }
    assertThat(contents("second")).isEqualTo(1);
  }

  @Test
  void anUpdateReachesEachHostAndItsContentTravelsOnce() throws Exception {
    serveOnBoth(host("second"));
    assertThat(answers()).containsExactly(7f);
    byte[] content = times(2);
    AtomicLong sent = new AtomicLong();
    ModelUpload upload =
        ModelUpload.of("m", "2", content)
            .progressHandler(progress -> sent.set(progress.sentBytes()));

    assertThat(await(client.update(ModelUpdate.of(upload))).id().version()).isEqualTo("2");

    assertThat(answers()).containsExactly(14f);
    assertThat(contents("second")).isEqualTo(2);
    assertThat(sent).hasValue(content.length);
  }

  @Test
  void whereOneHostRefusesAllGoBack() throws Exception {
    serveOnBoth(host("second").setMaxModelMemoryBytes(LITTLE_MEMORY));

    McpException refusal =
        catchThrowableOfType(
            McpException.class,
            () -> await(client.update(ModelUpdate.of(ModelUpload.of("m", "2", times(2))))));

    assertThat(refusal.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
    assertThat(refusal).hasMessageContaining("went back");
    assertThat(answers()).containsExactly(7f);
  }

  private static byte[] times(int factor) {
    return ("{\"op\": \"mlp\", \"layers\": [{\"weights\": [[" + factor + "]], \"bias\": [0]}]}")
        .getBytes(StandardCharsets.UTF_8);
  }

  /** What a number of requests are answered, which the bus divides among the hosts. */
  private Set<Float> answers() throws Exception {
    Set<Float> answers = new HashSet<>();
    for (int i = 0; i < ENOUGH_REQUESTS; i++) {
      Tensor input = Tensor.of("input", new float[] {7}, 1, 1);
      answers.add(await(client.infer("m", input)).first().toFloats()[0]);
    }
    return answers;
  }

  private long contents(String store) throws IOException {
    try (Stream<Path> blobs = Files.list(folder.resolve(store).resolve("blobs"))) {
      return blobs.filter(path -> path.getFileName().toString().length() == 64).count();
    }
  }
}

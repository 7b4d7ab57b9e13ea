package io.modelcontrol.it;

import static io.modelcontrol.testing.TestNode.await;
import static io.modelcontrol.testing.TestNode.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.client.ModelUpdate;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.client.RetryOptions;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.runtime.ModelIsolation;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.serving.ServingOptions;
import io.modelcontrol.testing.OnnxModels;
import io.modelcontrol.testing.TestNode;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How often those who are not trusted may have models loaded. */
class UntrustedLoadsTest {
  private static final McpClientOptions ONE_ATTEMPT =
      new McpClientOptions().setRetry(new RetryOptions().setMaxAttempts(1));

  @TempDir private Path store;

  @Test
  void loadsBeyondThePaceWaitAndAreRefusedBeyondAMinute() throws Exception {
    try (TestNode node = untrusting(1)) {
      McpClient client = node.client(ONE_ATTEMPT);
      await(load(client, "first"));
      Future<ModelDescriptor> second = load(client, "second");
      Future<?> third = client.update(ModelUpdate.of(upload("third")));
      // One of them has taken the next place, whoever came first.
      McpException refused = failure(Future.all(second, third));
      assertThat(refused.code()).isEqualTo(ErrorCode.OVERLOADED);
      assertThat(refused.retryAfterMs()).isPositive();
      assertThat(second.isComplete() && third.isComplete()).as("the other one waits").isFalse();
      assertThat(await(client.list())).extracting(model -> model.id().name()).containsOnly("first");
    }
  }

  @Test
  void whoIsTrustedDoesNotWait() throws Exception {
    try (TestNode node = node(1, ServingOptions.DEFAULT_TRUSTED_ROLES)) {
      McpClient client = node.client(ONE_ATTEMPT);
      for (int i = 0; i < 4; i++) {
        await(load(client, "model-" + i));
      }
    }
  }

  @Test
  void whatWasLoadedIsLoadedAgainWithoutAPause() throws Exception {
    try (TestNode node = untrusting(4)) {
      McpClient client = node.client(ONE_ATTEMPT);
      for (int i = 0; i < 4; i++) {
        await(load(client, "model-" + i));
      }
    }
    try (TestNode node = untrusting(1)) {
      assertThat(await(node.client().list())).hasSize(4);
    }
  }

  private TestNode untrusting(int loadsPerMinute) throws Exception {
    return node(loadsPerMinute, List.of());
  }

  private TestNode node(int loadsPerMinute, List<String> trustedRoles) throws Exception {
    ModelHostOptions host =
        new ModelHostOptions()
            .setStore(store.toString())
            .setIsolation(ModelIsolation.NONE)
            .setUntrustedLoadsPerMinute(loadsPerMinute);
    return new TestNode(
        host, new McpServerOptions(), new ServingOptions().setTrustedRoles(trustedRoles));
  }

  private static Future<ModelDescriptor> load(McpClient client, String name) {
    return client.load(upload(name));
  }

  private static ModelUpload upload(String name) {
    return ModelUpload.of(name, "1", OnnxModels.add(1));
  }
}

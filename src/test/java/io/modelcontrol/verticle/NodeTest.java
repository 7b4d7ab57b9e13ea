package io.modelcontrol.verticle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NodeTest {
  private static final long WAIT_SECONDS = 60;

  @TempDir private Path store;

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() throws TimeoutException {
    vertx.close().await(WAIT_SECONDS, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @EnumSource(Role.class)
  void deploysAndStopsEveryRole(Role role) throws TimeoutException {
    NodeConfig config = config(role, 0);
    Node node = Node.deploy(vertx, config).await(WAIT_SECONDS, TimeUnit.SECONDS);
    assertThat(vertx.deploymentIDs()).hasSizeGreaterThanOrEqualTo(config.verticles().size());
    assertThat(node.port() > 0).isEqualTo(role.listens());
    node.stop().await(WAIT_SECONDS, TimeUnit.SECONDS);
    assertThat(vertx.deploymentIDs()).isEmpty();
  }

  @Test
  void saysThatThePortIsInUseAndLeavesNothingDeployed() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      NodeConfig config = config(Role.ALL, taken.getLocalPort());
      assertThatThrownBy(() -> Node.deploy(vertx, config).await(WAIT_SECONDS, TimeUnit.SECONDS))
          .isInstanceOfSatisfying(
              McpException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED))
          .hasMessageContaining("cannot listen on 127.0.0.1:" + taken.getLocalPort());
      assertThat(vertx.deploymentIDs()).isEmpty();
    }
  }

  private NodeConfig config(Role role, int port) {
    return NodeConfig.of(role)
        .with(
            new JsonObject()
                .put("server", new JsonObject().put("port", port))
                .put("models", new JsonObject().put("store", store.toString())));
  }
}

package io.modelcontrol.proof;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.InferenceRequest;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.client.ModelUpload;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A session node and a model node, two processes: a model is loaded and requests are answered
 * through both; the model node is killed, requests fail with a typed error within their deadline; a
 * new model node takes over.
 */
public final class TwoNodesProof implements Proof {
  private static final int DEFAULT_COUNT = 500;
  private static final int TIMEOUT_MS = 2_000;
  private static final int GRACE_MS = 1_000;
  private static final int WHILE_DOWN = 20;
  private static final String ADD = "{\"op\":\"add\",\"dtype\":\"FLOAT\",\"shape\":[-1]}";

  @Override
  public String run(ProofArgs args) throws Exception {
    int count = args.countOr(DEFAULT_COUNT);
    Path directory = Files.createTempDirectory("two-nodes");
    String clusterPort = Integer.toString(freePort());
    Vertx vertx = Vertx.vertx();
    try (NodeProcess sessions = serve(args, directory, "session", clusterPort, "--port", "0")) {
      McpClient client = McpClient.create(vertx, new McpClientOptions().setPort(sessions.port()));
      client.connect().await(10, TimeUnit.SECONDS);
      Path store = directory.resolve("store");
      try (NodeProcess first = model(args, directory, clusterPort, store)) {
        load(client);
        answers(client, count);
        first.kill();
        Map<ErrorCode, Integer> errors = errorsWhileDown(client);
        long start = System.nanoTime();
        try (NodeProcess second = model(args, directory, clusterPort, store)) {
          Waiting.until(() -> answered(client, 1), "the new node to take over");
          double takeover = (System.nanoTime() - start) / 1e9;
          answers(client, count);
          client.close().await(10, TimeUnit.SECONDS);
          check(second.stop() == 0, "the model node did not stop cleanly");
          check(sessions.stop() == 0, "the session node did not stop cleanly");
          return String.format(
              Locale.ROOT,
              "%d answers through two processes, %d requests while the model node was dead failed"
                  + " within their deadline with %s, a new node answered %.1f s after its start"
                  + " began, %d answers by it",
              count,
              WHILE_DOWN,
              errors,
              takeover,
              count);
        }
      }
    } finally {
      vertx.close().await(10, TimeUnit.SECONDS);
      deleteAll(directory);
    }
  }

  private static NodeProcess model(ProofArgs args, Path directory, String port, Path store)
      throws Exception {
    return serve(args, directory, "model", port, "--store", store.toString());
  }

  private static NodeProcess serve(
      ProofArgs args, Path directory, String role, String clusterPort, String... more)
      throws Exception {
    String[] flags = new String[5 + more.length];
    flags[0] = "--role";
    flags[1] = role;
    flags[2] = "--cluster";
    flags[3] = "--cluster-port";
    flags[4] = clusterPort;
    System.arraycopy(more, 0, flags, 5, more.length);
    return NodeProcess.serve(args.fatJar(), directory, flags);
  }

  private static void load(McpClient client) throws Exception {
    Waiting.until(
        () -> {
          try {
            ModelUpload upload = ModelUpload.of("adder", "1", ADD.getBytes(StandardCharsets.UTF_8));
            client.load(upload).await(30, TimeUnit.SECONDS);
            return true;
          } catch (McpException e) {
            if (e.code() != ErrorCode.SERVICE_UNAVAILABLE) {
              throw e;
            }
            return false;
          }
        },
        "the model node to be found");
  }

  private static void answers(McpClient client, int count) {
    for (int i = 0; i < count; i++) {
      check(answered(client, i), "request " + i + " was not answered");
    }
  }

  private static boolean answered(McpClient client, float value) {
    try {
      float sum =
          client
              .infer(request(value))
              .await(TIMEOUT_MS + GRACE_MS, TimeUnit.MILLISECONDS)
              .first()
              .toFloats()[0];
      check(sum == value + 1, "wrong sum " + sum);
      return true;
    } catch (Exception notYet) {
      return false;
    }
  }

  private static InferenceRequest request(float value) {
    return InferenceRequest.of(
            "adder", Tensor.of("a", new float[] {value}), Tensor.of("b", new float[] {1}))
        .timeoutMs(TIMEOUT_MS);
  }

  private static Map<ErrorCode, Integer> errorsWhileDown(McpClient client) throws Exception {
    Map<ErrorCode, Integer> errors = new EnumMap<>(ErrorCode.class);
    for (int i = 0; i < WHILE_DOWN; i++) {
      try {
        client.infer(request(i)).await(TIMEOUT_MS + GRACE_MS, TimeUnit.MILLISECONDS);
        throw new AssertionError("a request was answered while no model node was alive");
      } catch (McpException e) {
        check(e.code() != ErrorCode.UNKNOWN, "an error without a type: " + e);
        errors.merge(e.code(), 1, Integer::sum);
      }
    }
    return errors;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void deleteAll(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}

package io.modelcontrol.proof;

import static io.modelcontrol.testing.TestNode.await;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.ModelUpdate;
import io.modelcontrol.client.ModelUpload;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * New versions that are bad in every way there is, one after the other, on a node of its own that
 * is asked all the time: each is rolled back by itself and says why, and every request is answered
 * as the good version answers it.
 */
public final class RollbackProof implements Proof {
  private static final int DEFAULT_ROUNDS = 20;
  private static final String MODEL = "m";
  private static final float VALUE = 7;

  private static final String GOOD = "{\"op\": \"identity\", \"shape\": [-1, 1]}";

  /** How a version is bad, and what is said of it. */
  private enum Bad {
    CANNOT_BE_LOADED("{\"op\": \"nothing\"}", ErrorCode.MODEL_REJECTED, "reference model"),
    IS_NO_MODEL("not a model at all", ErrorCode.MODEL_REJECTED, ""),
    FAILS_WARM_UP(
        "{\"op\": \"fail\", \"shape\": [-1, 1]}",
        ErrorCode.UPDATE_ROLLED_BACK,
        "a request that was replayed to it failed"),
    FAILS_AS_CANARY(
        "{\"op\": \"fail\", \"shape\": [-1, 1], \"message\": \"canary\"}",
        ErrorCode.UPDATE_ROLLED_BACK,
        "it failed on"),
    IS_SLOW(
        "{\"op\": \"delay\", \"shape\": [-1, 1], \"ms\": 40}",
        ErrorCode.UPDATE_ROLLED_BACK,
        "90 % of its runs take up to"),
    DISAGREES(
        "{\"op\": \"mlp\", \"layers\": [{\"weights\": [[2]], \"bias\": [0]}]}",
        ErrorCode.UPDATE_ROLLED_BACK,
        "answers differ from the active version's");

    final String model;
    final ErrorCode code;
    final String reason;

    Bad(String model, ErrorCode code, String reason) {
      this.model = model;
      this.code = code;
      this.reason = reason;
    }

    /** What comes of the content alone is the same each time, so that it is made another one. */
    ModelUpdate update(int version) {
      ModelUpload upload =
          ModelUpload.of(
              this == FAILS_AS_CANARY ? MODEL + "-unasked" : MODEL,
              Integer.toString(version),
              (model + " ".repeat(version)).getBytes(StandardCharsets.UTF_8));
      ModelUpdate update = ModelUpdate.of(upload).trialRequests(60);
      return switch (this) {
        case CANNOT_BE_LOADED, IS_NO_MODEL, FAILS_WARM_UP -> update;
        case FAILS_AS_CANARY, IS_SLOW -> update.canary(50);
        case DISAGREES -> update.shadow();
      };
    }
  }

  private final Map<Bad, String> reasons = new EnumMap<>(Bad.class);

  @Override
  public String run(ProofArgs args) throws Exception {
    int rounds = args.countOr(DEFAULT_ROUNDS);
    Path folder = Files.createTempDirectory("rollbacks");
    Vertx vertx = Vertx.vertx();
    try (NodeProcess node =
        NodeProcess.serve(args.fatJar(), folder, "--port", "0", "--store", "models")) {
      McpClient client = node.client(vertx);
      await(client.load(upload(MODEL)));
      long asked = 0;
      int version = 2;
      for (int round = 0; round < rounds; round++) {
        for (Bad bad : Bad.values()) {
          asked += rolledBack(client, bad, version++);
        }
      }
      return String.format(
          Locale.ROOT,
          "%d bad versions of %d kinds rolled back by themselves, %d requests meanwhile, 0 failed;"
              + " %s",
          rounds * Bad.values().length,
          Bad.values().length,
          asked,
          reasons);
    } finally {
      await(vertx.close());
    }
  }

  private static ModelUpload upload(String name) {
    return ModelUpload.of(name, "1", GOOD.getBytes(StandardCharsets.UTF_8));
  }

  /** Updates while somebody asks; returns how often. */
  private long rolledBack(McpClient client, Bad bad, int version) throws Exception {
    ModelUpdate update = bad.update(version);
    String name = update.upload().id().name();
    boolean unasked = !name.equals(MODEL);
    if (unasked) {
      // No requests are there to be replayed, so that the trial has to find out.
      await(client.load(upload(name)));
    }
    Future<ModelDescriptor> updated = client.update(update);
    if (unasked) {
      untilOnTrial(client, name, updated);
    }
    long asked = 0;
    do {
      ask(client, name);
      asked++;
    } while (!updated.isComplete());
    McpException why = await(updated.<McpException>map(v -> null).otherwise(McpException::of));
    if (why == null || why.code() != bad.code || !why.getMessage().contains(bad.reason)) {
      throw new AssertionError(bad + " ended with " + why);
    }
    reasons.put(bad, why.getMessage());
    ask(client, name);
    List<ModelDescriptor> active = await(client.list(name));
    if (!"100".equals(active.get(0).parameters().get("status.share"))) {
      throw new AssertionError("after " + bad + " there is " + active);
    }
    if (unasked) {
      await(client.unload(name));
    }
    return asked + 1;
  }

  private static void untilOnTrial(McpClient client, String name, Future<?> updated) {
    Waiting.until(
        () ->
            updated.isComplete()
                || await(client.list(name)).stream()
                    .anyMatch(m -> m.state().name().equals("CANARY")),
        "the canary");
  }

  private static void ask(McpClient client, String name) throws Exception {
    float answer =
        await(client.infer(name, Tensor.of("input", new float[] {VALUE}, 1, 1)))
            .first()
            .toFloats()[0];
    if (answer != VALUE) {
      throw new AssertionError("the active version does not say " + answer);
    }
  }
}

package io.modelcontrol.it;

import static io.modelcontrol.testing.TestNode.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelState;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.testing.TestNode;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.UploadParameters;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A model changes its version while others use it. */
@Timeout(120)
class UpdateTest {
  private static final String POLICY = "update.policy";

  @TempDir Path folder;
  private TestNode node;
  private McpClient client;

  @BeforeEach
  void start() throws Exception {
    node = new TestNode(new ModelHostOptions().setStore(folder.toString()), new McpServerOptions());
    client = node.client();
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  private static byte[] times(int factor) {
    return ("{\"op\": \"mlp\", \"layers\": [{\"weights\": [[" + factor + "]], \"bias\": [0]}]}")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] named(String operation, String more) {
    return ("{\"op\": \"" + operation + "\", \"shape\": [-1, 1]" + more + "}")
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Updates by content that the node has, and gives all that it tells. */
  private Future<List<Message>> update(String version, byte[] content, Map<String, String> more)
      throws Exception {
    Digest digest = Digest.of(MessageDigest.getInstance("SHA-256").digest(content));
    await(client.load(ModelUpload.of("content-" + version, "1", content)));
    Message first =
        Message.of(MessageType.MODEL_UPDATE)
            .modelName("m")
            .modelVersion(version)
            .digest(digest)
            .contentSize(content.length);
    more.forEach(first::parameter);
    List<Message> told = new ArrayList<>();
    Promise<List<Message>> ended = Promise.promise();
    client.stream()
        .onSuccess(
            stream -> {
              stream.handler(
                  status -> {
                    told.add(status.toHeap());
                    if (status.status() != ErrorCode.CONTINUE) {
                      stream.end();
                      ended.complete(told);
                    }
                  });
              stream.write(first);
            });
    return ended.future();
  }

  private static Message last(List<Message> told) {
    return told.get(told.size() - 1);
  }

  private static Tensor input() {
    return Tensor.of("input", new float[] {7}, 1, 1);
  }

  private float ask() throws Exception {
    return await(client.infer("m", input())).first().toFloats()[0];
  }

  private List<String> states() throws Exception {
    return await(client.list("m")).stream()
        .map(model -> model.id().version() + " " + model.state())
        .toList();
  }

  @Test
  void theNextVersionAnswersFromTheSwitchOn() throws Exception {
    await(client.load(ModelUpload.of("m", "1", times(1))));
    assertThat(ask()).isEqualTo(7);
    Message end = last(await(update("2", times(2), Map.of())));
    assertThat(end.status()).isEqualTo(ErrorCode.OK);
    assertThat(end.descriptors().get(0).state()).isEqualTo(ModelState.READY);
    assertThat(ask()).isEqualTo(14);
  }

  @Test
  void noRequestFailsWhileVersionsChange() throws Exception {
    await(client.load(ModelUpload.of("m", "1", times(1))));
    AtomicBoolean stop = new AtomicBoolean();
    AtomicLong asked = new AtomicLong();
    Promise<Void> done = Promise.promise();
    ask(stop, asked, done);
    for (int version = 2; version < 12; version++) {
      Message end = last(await(update(Integer.toString(version), times(version), Map.of())));
      assertThat(end.status()).isEqualTo(ErrorCode.OK);
    }
    stop.set(true);
    await(done.future());
    assertThat(asked.get()).isPositive();
  }

  /** Asks again and again; each answer is that of one version. */
  private void ask(AtomicBoolean stop, AtomicLong asked, Promise<Void> done) {
    client
        .infer("m", input())
        .onFailure(done::fail)
        .onSuccess(
            result -> {
              asked.incrementAndGet();
              if (result.first().toFloats()[0] % 7 != 0) {
                done.fail("a mixed answer");
              } else if (stop.get()) {
                done.complete();
              } else {
                ask(stop, asked, done);
              }
            });
  }

  @Test
  void aVersionThatCannotBeLoadedChangesNothing() throws Exception {
    await(client.load(ModelUpload.of("m", "1", times(1))));
    Message end = last(await(update("2", times(2), Map.of("runtime", "onnx"))));
    assertThat(end.status()).isEqualTo(ErrorCode.MODEL_REJECTED);
    assertThat(ask()).isEqualTo(7);
    assertThat(states()).containsExactly("1 READY");
  }

  @Test
  void aVersionThatFailsOnReplayedRequestsIsRolledBack() throws Exception {
    await(client.load(ModelUpload.of("m", "1", named("identity", ""))));
    assertThat(ask()).isEqualTo(7);
    Message end = last(await(update("2", named("fail", ""), Map.of())));
    assertThat(end.status()).isEqualTo(ErrorCode.UPDATE_ROLLED_BACK);
    assertThat(end.statusText()).contains("a request that was replayed to it failed");
    assertThat(ask()).isEqualTo(7);
  }

  @Test
  void aRequestThatEveryVersionFailsOnIsHeldAgainstNone() throws Exception {
    await(client.load(ModelUpload.of("m", "1", named("fail", ""))));
    assertThat(await(client.infer("m", input()).map(r -> "").otherwise("failed")))
        .isEqualTo("failed");
    assertThat(last(await(update("2", named("fail", ", \"message\": \"2\""), Map.of()))).status())
        .isEqualTo(ErrorCode.OK);
  }

  @Test
  void aCanaryThatFailsIsRolledBackAndNobodyNoticed() throws Exception {
    await(client.load(ModelUpload.of("m", "1", named("identity", ""))));
    Message end =
        tried(
            named("fail", ""),
            Map.of(POLICY, "canary", "update.share", "50", "update.trial-requests", "100"));
    assertThat(end.status()).isEqualTo(ErrorCode.UPDATE_ROLLED_BACK);
    assertThat(end.statusText()).contains("it failed on", "RUNTIME_FAILURE");
    assertThat(Integer.parseInt(end.parameters().get("report.errors"))).isGreaterThan(1);
    assertThat(states()).contains("1 READY");
  }

  @Test
  void aCanaryThatIsSlowIsRolledBack() throws Exception {
    await(client.load(ModelUpload.of("m", "1", named("identity", ""))));
    Message end =
        tried(
            named("delay", ", \"ms\": 30"),
            Map.of(POLICY, "canary", "update.share", "50", "update.trial-requests", "100"));
    assertThat(end.status()).isEqualTo(ErrorCode.UPDATE_ROLLED_BACK);
    assertThat(end.statusText()).contains("of its runs take up to");
  }

  @Test
  void aShadowThatDisagreesIsRolledBackAndNeverAnswers() throws Exception {
    await(client.load(ModelUpload.of("m", "1", times(1))));
    Message end = tried(times(2), Map.of(POLICY, "shadow", "update.trial-requests", "50"));
    assertThat(end.status()).isEqualTo(ErrorCode.UPDATE_ROLLED_BACK);
    assertThat(end.statusText()).contains("answers differ");
  }

  @Test
  void aCanaryThatDisagreesIsRolledBackWhereThatIsAskedFor() throws Exception {
    await(client.load(ModelUpload.of("m", "1", named("identity", ""))));
    Message end =
        tried(
            named("delay", ", \"ms\": 0"),
            Map.of(POLICY, "canary", "update.compare", "true", "update.trial-requests", "20"));
    assertThat(end.status()).isEqualTo(ErrorCode.OK);
    assertThat(end.parameters()).containsEntry("report.differences", "0");
    Message second =
        tried(
            "3",
            times(1),
            Map.of(POLICY, "canary", "update.compare", "true", "update.trial-requests", "20"));
    assertThat(second.status()).isEqualTo(ErrorCode.OK);
  }

  @Test
  void aTrialWithoutRequestsEndsWithItsTime() throws Exception {
    await(client.load(ModelUpload.of("m", "1", times(1))));
    Message end =
        last(await(update("2", times(1 + 1), Map.of(POLICY, "shadow", "update.trial-ms", "50"))));
    assertThat(end.status()).isEqualTo(ErrorCode.UPDATE_ROLLED_BACK);
    assertThat(end.statusText()).contains("only 0 of 200 requests came");
  }

  @Test
  void aRollbackGoesToTheVersionBefore() throws Exception {
    await(client.load(ModelUpload.of("m", "1", times(1))));
    await(update("2", times(2), Map.of()));
    assertThat(act("rollback").status()).isEqualTo(ErrorCode.OK);
    assertThat(ask()).isEqualTo(7);
    assertThat(act("rollback").status()).isEqualTo(ErrorCode.OK);
    assertThat(ask()).isEqualTo(14);
  }

  @Test
  void aTrialIsPromotedOrTakenBackByHand() throws Exception {
    await(client.load(ModelUpload.of("m", "1", times(1))));
    Future<List<Message>> update = update("2", times(2), Map.of(POLICY, "canary"));
    until("2 CANARY");
    assertThat(act("rollback").descriptors().get(0).id().version()).isEqualTo("1");
    assertThat(last(await(update)).statusText()).contains("somebody asked for it");
    update = update("2", times(2), Map.of(POLICY, "canary", "update.promote", "false"));
    until("2 CANARY");
    assertThat(act("promote").status()).isEqualTo(ErrorCode.OK);
    assertThat(last(await(update)).status()).isEqualTo(ErrorCode.OK);
    assertThat(ask()).isEqualTo(14);
  }

  @Test
  void listsTellWhichShareOfTheRequestsAVersionAnswers() throws Exception {
    await(client.load(ModelUpload.of("m", "1", times(1))));
    Future<List<Message>> update =
        update("2", times(2), Map.of(POLICY, "canary", "update.share", "30"));
    until("2 CANARY");
    assertThat(await(client.list("m")))
        .extracting(model -> model.parameters().get("status.share"))
        .containsExactly("70", "30");
    act("rollback");
    await(update);
    assertThat(await(client.list("m")).get(0).parameters()).containsEntry("status.share", "100");
  }

  @Test
  void oneUpdateOfAModelAtATime() throws Exception {
    await(client.load(ModelUpload.of("m", "1", times(1))));
    Future<List<Message>> update = update("2", times(2), Map.of(POLICY, "canary"));
    until("2 CANARY");
    assertThat(last(await(update("3", times(3), Map.of()))).status())
        .isEqualTo(ErrorCode.UPDATE_CONFLICT);
    assertThat(codeOf(client.unload("m"))).isEqualTo(ErrorCode.UPDATE_CONFLICT);
    act("rollback");
    assertThat(last(await(update)).status()).isEqualTo(ErrorCode.UPDATE_ROLLED_BACK);
  }

  @Test
  void theActiveVersionAndTheOneBeforeOutliveTheNode() throws Exception {
    await(client.load(ModelUpload.of("m", "1", times(1))));
    await(update("2", times(2), Map.of()));
    node.close();
    start();
    assertThat(ask()).isEqualTo(14);
    act("rollback");
    assertThat(ask()).isEqualTo(7);
  }

  private Message tried(byte[] content, Map<String, String> policy) throws Exception {
    return tried("2", content, policy);
  }

  /** Updates while somebody asks, who never sees anything but what the first version says. */
  private Message tried(String version, byte[] content, Map<String, String> policy)
      throws Exception {
    Future<List<Message>> update = update(version, content, policy);
    until(version + " " + policy.get(POLICY).toUpperCase(Locale.ROOT));
    while (!update.isComplete()) {
      assertThat(ask()).isEqualTo(7);
    }
    return last(await(update));
  }

  private Message act(String action) throws Exception {
    return await(
        client.request(
            Message.of(MessageType.MODEL_UPDATE)
                .modelName("m")
                .parameter(UploadParameters.ACTION, action)));
  }

  private void until(String state) throws Exception {
    Awaitility.await().until(() -> states().contains(state));
  }

  private static ErrorCode codeOf(Future<?> future) throws Exception {
    return await(future.map(ErrorCode.OK).otherwise(e -> McpException.of(e).code()));
  }
}

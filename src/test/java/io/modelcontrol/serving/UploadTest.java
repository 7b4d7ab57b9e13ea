package io.modelcontrol.serving;

import static io.modelcontrol.testing.TestNode.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.runtime.ModelHost;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.testing.TestNode;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** hostile-input.md M1, M5 and M7 over a real socket: what becomes of content that arrives. */
@Timeout(120)
class UploadTest {
  private static final String ADD = "{\"op\":\"add\",\"dtype\":\"FLOAT\",\"shape\":[-1]}";
  private static final byte[] CONTENT =
      (ADD + " ".repeat(1_000 - ADD.length())).getBytes(StandardCharsets.UTF_8);

  @TempDir Path store;
  private TestNode node;
  private McpClient client;

  @BeforeEach
  void start() throws Exception {
    start(new ModelHostOptions());
  }

  private void start(ModelHostOptions options) throws Exception {
    node = new TestNode(options.setStore(store.toString()), new McpServerOptions());
    client = node.client();
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  private RawPush push(String name) throws Exception {
    return push(node.client(), name);
  }

  private static RawPush push(McpClient client, String name) throws Exception {
    return new RawPush(client, name, "1", CONTENT);
  }

  @Test
  void anUploadThatItsSessionLeftGoesOnInAnother() throws Exception {
    RawPush first = push("a").expect(0).send(0, 300).expect(300).send(300, 400).expect(400);
    first.reset();
    push("a").expect(400).send(400, 1_000).expectEnd(ErrorCode.OK);
    assertThat(uploads()).isEmpty();
  }

  @Test
  void anUploadGoesOnAfterARestartOfTheNode() throws Exception {
    push("a").expect(0).send(0, 400).expect(400);
    node.close();
    start();
    push("a").expect(400).send(400, 1_000).expectEnd(ErrorCode.OK);
  }

  @Test
  void contentThatHadArrivedBeforeACrashIsNotAskedForAgain() throws Exception {
    node.close();
    Files.write(part(), CONTENT);
    start();
    push("a").expectEnd(ErrorCode.OK);
  }

  @Test
  void contentThatHadArrivedAndIsDamagedIsAskedForFromTheStart() throws Exception {
    node.close();
    Files.write(part(), new byte[1_000]);
    start();
    push("a").expectEnd(ErrorCode.MODEL_DIGEST_MISMATCH);
    push("a").expect(0).send(0, 1_000).expectEnd(ErrorCode.OK);
  }

  @Test
  void aWrongDigestLeavesNothingToGoOnWith() throws Exception {
    Digest wrong = Digest.of(new byte[Digest.LENGTH]);
    new RawPush(client, "a", "1", CONTENT, wrong, 1_000)
        .expect(0)
        .send(0, 1_000)
        .expectEnd(ErrorCode.MODEL_DIGEST_MISMATCH);
    assertThat(uploads()).isEmpty();
    new RawPush(client, "a", "1", CONTENT, wrong, 1_000).expect(0);
  }

  @Test
  void moreThanWasAnnouncedIsRefusedAndRemoved() throws Exception {
    new RawPush(client, "a", "1", CONTENT, RawPush.digest(CONTENT), 900)
        .expect(0)
        .send(0, 500)
        .expect(500)
        .send(500, 1_000)
        .expectEnd(ErrorCode.MODEL_DIGEST_MISMATCH);
    push("a").expect(0).send(0, 1_000).expectEnd(ErrorCode.OK);
    assertThat(uploads()).isEmpty();
  }

  @Test
  void aGapEndsThePushAndKeepsWhatWasThere() throws Exception {
    push("a")
        .expect(0)
        .send(0, 300)
        .expect(300)
        .send(301, 400)
        .expectEnd(ErrorCode.INVALID_ARGUMENT);
    push("a").expect(300).send(300, 1_000).expectEnd(ErrorCode.OK);
  }

  @Test
  void aPieceThatItsSenderHasSentBeforeEndsThePush() throws Exception {
    push("a")
        .expect(0)
        .send(0, 300)
        .expect(300)
        .send(299, 400)
        .expectEnd(ErrorCode.INVALID_ARGUMENT);
    push("a").expect(300).send(300, 1_000).expectEnd(ErrorCode.OK);
  }

  @Test
  void aDamagedPieceIsNotWrittenAndAskedForAgain() throws Exception {
    byte[] piece = Arrays.copyOfRange(CONTENT, 300, 400);
    byte[] damaged = piece.clone();
    damaged[50] ^= 1;
    RawPush push = push("a").expect(0).send(0, 300).expect(300);
    // Those that follow are under way already.
    push.send(300, damaged, RawPush.digest(piece)).send(400, 500).send(500, 600);
    push.expect(300, "resend").expect(300).expect(300);
    push.send(300, piece, RawPush.digest(piece)).expect(400).send(400, 1_000);
    push.expectEnd(ErrorCode.OK);
  }

  @Test
  void whoSendsNothingButDamagedPiecesIsGivenUp() throws Exception {
    RawPush push = push("a").expect(0).send(0, 300).expect(300);
    Digest wrong = Digest.of(new byte[Digest.LENGTH]);
    for (int i = 0; i < 8; i++) {
      push.send(300, new byte[100], wrong).expect(300, "resend");
    }
    RawPush other = push("b").expect(300, "wait");
    push.send(300, new byte[100], wrong).expectEnd(ErrorCode.MODEL_DIGEST_MISMATCH);
    other.expectTurn(300);
    other.send(300, 1_000).expectEnd(ErrorCode.OK);
  }

  @Test
  void whoPushesTheSameContentWaitsAndGetsTheSameEnd() throws Exception {
    RawPush first = push("a").expect(0).send(0, 300).expect(300);
    RawPush second = push("b").expect(300, "wait");
    RawPush third = push("c").expect(300, "wait");
    first.send(300, 500).expect(500);
    second.expect(500, "wait");
    third.expect(500, "wait");
    first.send(500, 1_000);
    assertThat(first.outcome().descriptors().get(0).id().name()).isEqualTo("a");
    assertThat(second.outcome().descriptors().get(0).id().name()).isEqualTo("b");
    assertThat(third.outcome().descriptors().get(0).id().name()).isEqualTo("c");
    assertThat(await(client.list())).hasSize(3);
    assertThat(uploads()).isEmpty();
  }

  @Test
  void ifTheSenderDiesAnotherOneGoesOn() throws Exception {
    McpClient dying = node.client();
    RawPush first = push(dying, "a").expect(0).send(0, 300).expect(300);
    RawPush second = push("b").expect(300, "wait");
    first.reset();
    second.expect(300).send(300, 1_000).expectEnd(ErrorCode.OK);
  }

  @Test
  void ifTheSenderFallsSilentAnotherOneGoesOn() throws Exception {
    node.close();
    start(new ModelHostOptions().setUploadIdleMs(2_000));
    RawPush first = push("a").expect(0).send(0, 300).expect(300);
    RawPush second = push("b");
    second.expect(300, "wait").expectTurn(300);
    second.send(300, 500).expect(500);
    // What comes late is taken as far as it is new, and its sender waits from then on.
    first.send(300, 600).expect(600, "wait");
    second.send(500, 1_000);
    first.expectEnd(ErrorCode.OK);
    second.expectEnd(ErrorCode.OK);
  }

  @Test
  void whoDoesNotKnowThatItIsToWaitIsServedAsWell() throws Exception {
    RawPush first = push("a").expect(0).send(0, 300).expect(300);
    RawPush second = push("b").expect(300, "wait");
    second.send(300, 400).send(400, 700).send(700, 1_000).end();
    first.send(300, 500).expect(500).reset();
    second.expectEnd(ErrorCode.OK);
  }

  @Test
  void whoComesAgainForTheSameVersionTakesTheTurn() throws Exception {
    RawPush past = push("a").expect(0).send(0, 300).expect(300);
    RawPush again = push("a").expect(300).send(300, 700).expect(700);
    past.send(300, 600).expect(700, "wait");
    again.send(700, 1_000).expectEnd(ErrorCode.OK);
    past.expectEnd(ErrorCode.OK);
    assertThat(await(client.list())).hasSize(1);
  }

  @Test
  void anotherContentForTheSameVersionIsAConflict() throws Exception {
    push("a").expect(0);
    byte[] other = ADD.getBytes(StandardCharsets.UTF_8);
    new RawPush(client, "a", "1", other).expectEnd(ErrorCode.UPDATE_CONFLICT);
  }

  @Test
  void allWhoPushedRejectedContentAreTold() throws Exception {
    byte[] rubbish = new byte[500];
    RawPush first = new RawPush(node.client(), "a", "1", rubbish).expect(0);
    RawPush second = new RawPush(node.client(), "b", "1", rubbish).expect(0, "wait");
    first.send(0, 500).expectEnd(ErrorCode.MODEL_REJECTED);
    second.expectEnd(ErrorCode.MODEL_REJECTED);
    push("a").expect(0).send(0, 1_000).expectEnd(ErrorCode.OK);
    try (Stream<Path> blobs = Files.list(store.resolve("blobs"))) {
      assertThat(blobs).hasSize(1);
    }
  }

  @Test
  void anUploadThatStoodStillIsTakenUpAgain() throws Exception {
    node.close();
    start(new ModelHostOptions().setUploadIdleMs(100).setMaxUploads(1));
    RawPush push = push("a").expect(0).send(0, 300).expect(300);
    byte[] other = ADD.getBytes(StandardCharsets.UTF_8);
    afterOverload(other).send(0, other.length).expectEnd(ErrorCode.OK);
    push.send(300, 400).expectEnd(ErrorCode.IDLE_TIMEOUT);
    push("a").expect(300);
  }

  @Test
  void anUploadThatEverybodyLeftGivesWay() throws Exception {
    node.close();
    start(new ModelHostOptions().setMaxUploads(1));
    RawPush first = push("a").expect(0).send(0, 300).expect(300);
    byte[] other = ADD.getBytes(StandardCharsets.UTF_8);
    new RawPush(client, "b", "1", other).expectEnd(ErrorCode.OVERLOADED);
    first.reset();
    afterOverload(other).send(0, other.length).expectEnd(ErrorCode.OK);
    push("a").expect(300).send(300, 1_000).expectEnd(ErrorCode.OK);
  }

  @Test
  void aStaleUploadIsRemovedWhenTheNodeStarts() throws Exception {
    push("a").expect(0).send(0, 300).expect(300);
    node.close();
    assertThat(uploads()).hasSize(1);
    start(new ModelHostOptions().setUploadExpiryMs(1));
    push("a").expect(0).send(0, 1_000).expectEnd(ErrorCode.OK);
  }

  @Test
  void ofSeveralHostsTheOneThatHasAPartGoesOn() throws Exception {
    deployHost(store.resolve("other"));
    push("a").expect(0).send(0, 300).expect(300).reset();
    for (int i = 0; i < 4; i++) {
      push("a").expect(300).reset();
    }
    push("a").expect(300).send(300, 1_000).expectEnd(ErrorCode.OK);
  }

  @Test
  void ofSeveralHostsTheOneThatHasAPartGoesOnAfterItsRestart() throws Exception {
    push("a").expect(0).send(0, 300).expect(300);
    node.close();
    start();
    deployHost(store.resolve("other"));
    for (int i = 0; i < 4; i++) {
      push("a").expect(300).reset();
    }
  }

  /** The first push that is not refused; before, the host does not know yet that there is room. */
  private RawPush afterOverload(byte[] content) throws Exception {
    while (true) {
      RawPush push = new RawPush(client, "b", "1", content);
      if (push.next().status() != ErrorCode.OVERLOADED) {
        return push;
      }
      push.end();
    }
  }

  private void deployHost(Path folder) throws Exception {
    ModelHost host =
        new ModelHost(node.vertx(), new ModelHostOptions().setStore(folder.toString()));
    await(
        node.vertx()
            .deployVerticle(
                new VerticleBase() {
                  @Override
                  public Future<?> start() {
                    return host.start();
                  }

                  @Override
                  public Future<?> stop() {
                    return host.stop();
                  }
                }));
  }

  private Path part() throws Exception {
    return store.resolve("uploads/" + RawPush.digest(CONTENT) + ".1000.part");
  }

  private List<String> uploads() throws Exception {
    try (Stream<Path> files = Files.list(store.resolve("uploads"))) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}

package io.modelcontrol.client;

import static io.modelcontrol.client.Peers.await;
import static io.modelcontrol.client.Peers.codeOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.ModelId;
import io.modelcontrol.ModelState;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.netty.buffer.ByteBufUtil;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class LoadTest {
  @TempDir Path folder;

  private final byte[] content = new byte[3_000_001];
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();
  private final List<Integer> pieces = Collections.synchronizedList(new ArrayList<>());
  private final List<Long> offsets = Collections.synchronizedList(new ArrayList<>());
  private volatile Message first;

  LoadTest() {
    new Random(11).nextBytes(content);
  }

  private static Message loaded() {
    ModelDescriptor descriptor =
        new ModelDescriptor(
            new ModelId("m", "1"),
            null,
            List.of(),
            List.of(),
            List.of(),
            "reference",
            Map.of(),
            ModelState.READY);
    return Message.of(MessageType.STATUS).status(ErrorCode.OK).descriptor(descriptor);
  }

  private static Message goOn(long offset) {
    return Message.of(MessageType.STATUS).status(ErrorCode.CONTINUE).contentOffset(offset);
  }

  /** Asks for the content from an offset, and takes piece by piece. */
  private void takeFrom(McpServerRequest request, int offset) {
    first = request.message();
    long[] next = {offset};
    request.stream()
        .handler(
            piece -> {
              assertThat(piece.contentOffset()).isEqualTo(next[0]);
              byte[] bytes = ByteBufUtil.getBytes(piece.content());
              piece.release();
              pieces.add(bytes.length);
              received.writeBytes(bytes);
              next[0] += bytes.length;
              if (next[0] == first.contentSize()) {
                request.reply(loaded());
              } else {
                request.stream().write(goOn(next[0]));
                request.stream().fetch(1);
              }
            });
    request.stream().pause();
    request.stream().fetch(1);
    request.stream().write(goOn(offset));
  }

  private Peers peers(int offset) {
    Peers peers = new Peers();
    peers.server.requestHandler(MessageType.MODEL_LOAD_REQ, request -> takeFrom(request, offset));
    return peers.start();
  }

  @Test
  void sendsAFilePieceByPiece() throws Exception {
    Path file = Files.write(folder.resolve("model.onnx"), content);
    List<UploadProgress> progress = Collections.synchronizedList(new ArrayList<>());
    try (Peers peers = peers(0)) {
      ModelUpload upload =
          ModelUpload.of("m", "1", file).parameter("k", "v").progressHandler(progress::add);
      assertThat(await(peers.client.load(upload)).state()).isEqualTo(ModelState.READY);
    }
    assertThat(received.toByteArray()).isEqualTo(content);
    assertThat(pieces).allMatch(bytes -> bytes <= 256 * 1024);
    assertThat(first.digest()).isEqualTo(sha256(content));
    assertThat(first.contentSize()).isEqualTo(content.length);
    assertThat(first.parameters()).containsEntry("k", "v");
    assertThat(progress).isNotEmpty().allMatch(p -> p.totalBytes() == content.length);
    assertThat(progress).extracting(UploadProgress::receivedBytes).isSorted();
  }

  @Test
  void sendsWhatTheServerLacks() {
    int offset = 1_234_567;
    try (Peers peers = peers(offset)) {
      await(peers.client.load(ModelUpload.of("m", "1", Buffer.buffer(content))));
    }
    byte[] rest = new byte[content.length - offset];
    System.arraycopy(content, offset, rest, 0, rest.length);
    assertThat(received.toByteArray()).isEqualTo(rest);
  }

  @Test
  void sendsNothingThatTheServerHas() {
    Peers peers = new Peers();
    peers.server.requestHandler(
        MessageType.MODEL_LOAD_REQ,
        request -> {
          request.message().release();
          request.reply(loaded());
        });
    try (peers) {
      peers.start();
      assertThat(await(peers.client.load(ModelUpload.of("m", "1", content))).id().version())
          .isEqualTo("1");
      assertThat(await(peers.client.ping())).isPositive();
    }
  }

  @Test
  void sendsPiecesThatTheServerAccepts() {
    Peers peers = new Peers(new McpServerOptions().setMaxMessageBytes(70_000));
    peers.server.requestHandler(MessageType.MODEL_LOAD_REQ, request -> takeFrom(request, 0));
    try (peers) {
      peers.start();
      await(peers.client.load(ModelUpload.of("m", "1", content)));
    }
    assertThat(received.toByteArray()).isEqualTo(content);
  }

  /** Answers the pieces that come, one after the other, by what a test makes of each. */
  private Peers answering(int firstOffset, BiFunction<McpServerRequest, Message, Message> answer) {
    Peers peers = new Peers();
    peers.server.requestHandler(
        MessageType.MODEL_LOAD_REQ,
        request -> {
          first = request.message();
          request.stream()
              .handler(
                  piece -> {
                    Message status = answer.apply(request, piece);
                    piece.release();
                    if (status != null && status.status() == ErrorCode.CONTINUE) {
                      request.stream().write(status);
                    } else if (status != null) {
                      request.reply(status);
                    }
                  });
          request.stream().write(goOn(firstOffset));
        });
    return peers.start();
  }

  private void record(Message piece) {
    offsets.add(piece.contentOffset());
  }

  private boolean isLast(Message piece) {
    return piece.contentOffset() + piece.content().readableBytes() == content.length;
  }

  @Test
  void sendsEachPieceWithItsOwnDigest() {
    try (Peers peers =
        answering(
            0,
            (request, piece) -> {
              byte[] bytes = ByteBufUtil.getBytes(piece.content());
              assertThat(piece.digest()).isEqualTo(sha256(bytes));
              received.writeBytes(bytes);
              return isLast(piece) ? loaded() : null;
            })) {
      await(peers.client.load(ModelUpload.of("m", "1", content)));
    }
    assertThat(received.toByteArray()).isEqualTo(content);
  }

  @Test
  void goesBackWhenItIsAskedTo() {
    boolean[] asked = new boolean[1];
    try (Peers peers =
        answering(
            0,
            (request, piece) -> {
              record(piece);
              if (!asked[0] && piece.contentOffset() > 0) {
                asked[0] = true;
                return goOn(1_000).parameter("resend", "true");
              }
              return asked[0] && isLast(piece) && offsets.contains(1_000L) ? loaded() : null;
            })) {
      await(peers.client.load(ModelUpload.of("m", "1", content)));
    }
    assertThat(offsets).startsWith(0L, 262_144L).contains(1_000L, 1_000L + 262_144);
  }

  @Test
  void leavesOutWhatTheServerHasMeanwhile() {
    int most = 2_900_000;
    try (Peers peers =
        answering(
            0,
            (request, piece) -> {
              record(piece);
              return isLast(piece) ? loaded() : goOn(most);
            })) {
      await(peers.client.load(ModelUpload.of("m", "1", content)));
    }
    // What the window let through before it knew, and the rest.
    assertThat(offsets).contains((long) most).doesNotContain(2_883_584L);
  }

  @Test
  void sendsNothingWhileAnotherOneDoes() {
    Peers peers = new Peers();
    peers.server.requestHandler(
        MessageType.MODEL_LOAD_REQ,
        request -> {
          first = request.message();
          request.stream().handler(this::record);
          request.stream().write(goOn(0).parameter("wait", "true"));
          request.stream().write(goOn(2_000_000).parameter("wait", "true"));
          request.reply(loaded());
        });
    try (peers) {
      await(peers.start().client.load(ModelUpload.of("m", "1", content)));
      assertThat(await(peers.client.ping())).isPositive();
    }
    assertThat(offsets).isEmpty();
  }

  @Test
  void sendsFromThereWhenItsTurnComes() {
    try (Peers peers =
        answering(
            2_000_000,
            (request, piece) -> {
              record(piece);
              return isLast(piece) ? loaded() : null;
            })) {
      await(peers.client.load(ModelUpload.of("m", "1", content)));
    }
    assertThat(offsets).startsWith(2_000_000L, 2_262_144L);
  }

  @Test
  void goesOnAfterAnErrorThatPasses() {
    List<Long> begun = Collections.synchronizedList(new ArrayList<>());
    List<UploadProgress> progress = Collections.synchronizedList(new ArrayList<>());
    try (Peers peers = failing(ErrorCode.SERVICE_UNAVAILABLE, 6, begun)) {
      ModelUpload upload = ModelUpload.of("m", "1", content).progressHandler(progress::add);
      await(peers.client.load(upload));
    }
    // More often than there are attempts: each brought it further.
    assertThat(begun)
        .containsExactly(0L, 100_000L, 200_000L, 300_000L, 400_000L, 500_000L, 600_000L);
    assertThat(progress.get(progress.size() - 1).sentBytes()).isGreaterThan(content.length);
  }

  @Test
  void anErrorThatDoesNotPassEndsIt() {
    List<Long> begun = Collections.synchronizedList(new ArrayList<>());
    try (Peers peers = failing(ErrorCode.RESOURCE_EXHAUSTED, 6, begun)) {
      assertThat(codeOf(peers.client.load(ModelUpload.of("m", "1", content))))
          .isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
    }
    assertThat(begun).hasSize(1);
  }

  @Test
  void startsOverOnceIfWhatOthersHadSentWasDamaged() {
    List<Long> begun = Collections.synchronizedList(new ArrayList<>());
    try (Peers peers = failing(ErrorCode.MODEL_DIGEST_MISMATCH, 6, begun)) {
      assertThat(codeOf(peers.client.load(ModelUpload.of("m", "1", content))))
          .isEqualTo(ErrorCode.MODEL_DIGEST_MISMATCH);
    }
    // The first was wholly its own, so that nobody else is to blame.
    assertThat(begun).containsExactly(0L);

    begun.add(0L);
    try (Peers peers = failing(ErrorCode.MODEL_DIGEST_MISMATCH, 6, begun)) {
      assertThat(codeOf(peers.client.load(ModelUpload.of("m", "1", content))))
          .isEqualTo(ErrorCode.MODEL_DIGEST_MISMATCH);
    }
    assertThat(begun).containsExactly(0L, 0L, 200_000L, 300_000L);
  }

  /** Fails so many loads when the first piece is there, and has 100,000 bytes more after each. */
  private Peers failing(ErrorCode code, int times, List<Long> begun) {
    Peers peers = new Peers();
    peers.server.requestHandler(
        MessageType.MODEL_LOAD_REQ,
        request -> {
          request.message().release();
          long offset = begun.size() * 100_000L;
          boolean fails = begun.size() < times;
          begun.add(offset);
          request.stream()
              .handler(
                  piece -> {
                    boolean last = isLast(piece);
                    piece.release();
                    if (fails) {
                      request.stream().handler(Message::release);
                      request.fail(McpException.streamError(code, "for a while"));
                    } else if (last) {
                      request.reply(loaded());
                    }
                  });
          request.stream().write(goOn(offset));
        });
    return peers.start(
        new McpClientOptions().setRetry(new RetryOptions().setInitialDelayMs(1).setMaxDelayMs(1)));
  }

  private static Digest sha256(byte[] bytes) {
    try {
      return Digest.of(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void loadsAModelWithoutAnyContent() {
    try (Peers peers = peers(0)) {
      await(peers.client.load(ModelUpload.of("m", "1", new byte[0])));
    }
    assertThat(pieces).containsExactly(0);
  }

  @Test
  void stopsWhenTheServerRefusesTheContent() {
    Peers peers = new Peers();
    peers.server.requestHandler(
        MessageType.MODEL_LOAD_REQ,
        request -> {
          request.message().release();
          request.stream()
              .handler(
                  piece -> {
                    piece.release();
                    request.stream().handler(Message::release);
                    request.fail(
                        McpException.streamError(ErrorCode.MODEL_REJECTED, "external data"));
                  });
          request.stream().write(goOn(0));
        });
    try (peers) {
      peers.start();
      assertThat(codeOf(peers.client.load(ModelUpload.of("m", "1", content))))
          .isEqualTo(ErrorCode.MODEL_REJECTED);
      assertThat(await(peers.client.ping())).isPositive();
    }
  }

  @Test
  void givesUpOnAServerThatMakesNoProgress() {
    Peers peers = new Peers();
    peers.server.requestHandler(MessageType.MODEL_LOAD_REQ, request -> request.message().release());
    try (peers) {
      peers.start(new McpClientOptions().setLoadTimeoutMs(20));
      assertThat(codeOf(peers.client.load(ModelUpload.of("m", "1", content))))
          .isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    }
  }

  @Test
  void tellsThatAFileCannotBeRead() {
    try (Peers peers = new Peers().start()) {
      assertThat(codeOf(peers.client.load(ModelUpload.of("m", "1", folder.resolve("none")))))
          .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    }
  }
}

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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class LoadTest {
  @TempDir Path folder;

  private final byte[] content = new byte[3_000_001];
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();
  private final List<Integer> pieces = Collections.synchronizedList(new ArrayList<>());
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

  private Digest digest() throws Exception {
    return Digest.of(MessageDigest.getInstance("SHA-256").digest(content));
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
    assertThat(first.digest()).isEqualTo(digest());
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

package io.modelcontrol.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** hostile-input.md M1, M6, M7 and K2: what is in the store is whole, or it is not there. */
class ModelStoreTest {
  private static final byte[] CONTENT = new byte[10_000];
  private static final Digest DIGEST;

  static {
    new Random(7).nextBytes(CONTENT);
    DIGEST = digest(CONTENT);
  }

  private static final String PART = "uploads/" + DIGEST + "." + CONTENT.length + ".part";

  @TempDir Path root;
  private ModelStore store;

  @BeforeEach
  void open() {
    store = ModelStore.open(root, 100_000);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void keepsContentUnderItsDigest() throws IOException {
    assertThat(store.has(DIGEST)).isFalse();
    Path file = upload(CONTENT, 777);
    assertThat(store.has(DIGEST)).isTrue();
    assertThat(file).isEqualTo(store.path(DIGEST)).isEqualTo(root.resolve("blobs/" + DIGEST));
    assertThat(Files.readAllBytes(file)).isEqualTo(CONTENT);
    assertThat(files()).containsExactly("blobs/" + DIGEST);
    assertThat(store.storedBytes()).isEqualTo(CONTENT.length);
  }

  @Test
  void findsItsContentsAgain() {
    upload(CONTENT, 5000);
    reopen(100_000);
    assertThat(store.has(DIGEST)).isTrue();
    assertThat(store.digests()).containsExactly(DIGEST);
    assertThat(store.storedBytes()).isEqualTo(CONTENT.length);
    store.verify(DIGEST);
  }

  @Test
  void tellsHowMuchArrived() {
    ModelStore.Upload upload = store.begin(DIGEST, CONTENT.length);
    ByteBuffer piece = ByteBuffer.wrap(CONTENT, 0, 300);
    upload.write(piece);
    assertThat(piece.hasRemaining()).isFalse();
    assertThat(upload.offset()).isEqualTo(300);
    assertThat(upload.size()).isEqualTo(CONTENT.length);
  }

  @Test
  void takesDirectBuffersAndSlices() {
    ModelStore.Upload upload = store.begin(DIGEST, CONTENT.length);
    upload.write(ByteBuffer.allocateDirect(4000).put(CONTENT, 0, 4000).flip());
    upload.write(ByteBuffer.wrap(CONTENT).position(4000).slice().asReadOnlyBuffer());
    upload.commit();
    assertThat(store.has(DIGEST)).isTrue();
  }

  @Test
  void refusesContentOfAnotherDigestAndLeavesNothing() throws IOException {
    List<String> before = files();
    byte[] flipped = CONTENT.clone();
    flipped[CONTENT.length / 2] ^= 1;
    ModelStore.Upload upload = store.begin(DIGEST, CONTENT.length);
    upload.write(ByteBuffer.wrap(flipped));
    assertCode(ErrorCode.MODEL_DIGEST_MISMATCH, upload::commit);
    assertThat(files()).isEqualTo(before);
    assertThat(store.has(DIGEST)).isFalse();
  }

  @Test
  void refusesShortContentAndLeavesNothing() throws IOException {
    List<String> before = files();
    ModelStore.Upload upload = store.begin(DIGEST, CONTENT.length);
    upload.write(ByteBuffer.wrap(CONTENT, 0, CONTENT.length - 1));
    assertCode(ErrorCode.MODEL_DIGEST_MISMATCH, upload::commit);
    assertThat(files()).isEqualTo(before);
  }

  @Test
  void refusesMoreThanWasAnnouncedAtOnce() throws IOException {
    ModelStore.Upload upload = store.begin(DIGEST, CONTENT.length - 1);
    assertCode(ErrorCode.MODEL_DIGEST_MISMATCH, () -> upload.write(ByteBuffer.wrap(CONTENT)));
    assertThat(files()).isEmpty();
    assertCode(ErrorCode.REQUEST_CANCELED, () -> upload.write(ByteBuffer.wrap(CONTENT)));
    assertCode(ErrorCode.REQUEST_CANCELED, upload::commit);
  }

  @Test
  void removesWhatAnAbortedUploadLeft() throws IOException {
    ModelStore.Upload upload = store.begin(DIGEST, CONTENT.length);
    upload.write(ByteBuffer.wrap(CONTENT));
    assertThat(files()).hasSize(1);
    upload.abort();
    upload.abort();
    assertThat(files()).isEmpty();
  }

  @Test
  void abortAfterCommitKeepsTheContent() {
    ModelStore.Upload upload = store.begin(DIGEST, CONTENT.length);
    upload.write(ByteBuffer.wrap(CONTENT));
    upload.commit();
    upload.close();
    assertThat(Files.exists(store.path(DIGEST))).isTrue();
  }

  @Test
  void refusesWhatExceedsTheQuotaBeforeAByteArrives() throws IOException {
    assertCode(ErrorCode.RESOURCE_EXHAUSTED, () -> store.begin(DIGEST, 100_001));
    ModelStore.Upload first = store.begin(DIGEST, 60_000);
    assertCode(ErrorCode.RESOURCE_EXHAUSTED, () -> store.begin(DIGEST, 60_000));
    first.abort();
    store.begin(DIGEST, 100_000).abort();
    upload(CONTENT, 10_000);
    assertCode(ErrorCode.RESOURCE_EXHAUSTED, () -> store.begin(DIGEST, 90_001));
    store.begin(DIGEST, 90_000).abort();
    assertCode(ErrorCode.RESOURCE_EXHAUSTED, () -> store.begin(DIGEST, Long.MAX_VALUE));
  }

  @Test
  void refusesASizeThatIsNotPositive() {
    assertCode(ErrorCode.INVALID_ARGUMENT, () -> store.begin(DIGEST, 0));
    assertCode(ErrorCode.INVALID_ARGUMENT, () -> store.begin(DIGEST, -1));
  }

  @Test
  void countsTheSameContentOnce() {
    upload(CONTENT, 10_000);
    upload(CONTENT, 10_000);
    assertThat(store.storedBytes()).isEqualTo(CONTENT.length);
  }

  @Test
  void concurrentUploadsOfOneContentAllSucceed() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Path>> results = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        results.add(threads.submit(() -> upload(CONTENT, 1000)));
      }
      for (Future<Path> result : results) {
        assertThat(Files.readAllBytes(result.get())).isEqualTo(CONTENT);
      }
    } finally {
      threads.shutdown();
    }
    assertThat(files()).containsExactly("blobs/" + DIGEST);
    assertThat(store.storedBytes()).isEqualTo(CONTENT.length);
  }

  @Test
  void deletesContent() throws IOException {
    upload(CONTENT, 10_000);
    assertThat(store.delete(DIGEST)).isTrue();
    assertThat(store.delete(DIGEST)).isFalse();
    assertThat(files()).isEmpty();
    assertThat(store.storedBytes()).isZero();
    assertCode(ErrorCode.MODEL_NOT_FOUND, () -> store.path(DIGEST));
  }

  @Test
  void findsAFlippedBitAndRemovesTheContent() throws IOException {
    Path file = upload(CONTENT, 10_000);
    store.verify(DIGEST);
    byte[] flipped = CONTENT.clone();
    flipped[5000] ^= 4;
    Files.write(file, flipped);
    assertCode(ErrorCode.MODEL_DIGEST_MISMATCH, () -> store.verify(DIGEST));
    assertThat(store.has(DIGEST)).isFalse();
    assertThat(files()).isEmpty();
    assertCode(ErrorCode.MODEL_NOT_FOUND, () -> store.verify(DIGEST));
  }

  @Test
  void removesWhatACrashLeftAndNothingElse() throws IOException {
    upload(CONTENT, 10_000);
    store.close();
    Files.write(root.resolve("uploads/left.part"), CONTENT);
    Files.writeString(root.resolve("blobs/README"), "not ours");
    store = ModelStore.open(root, 100_000);
    assertThat(files()).containsExactly("blobs/" + DIGEST, "blobs/README");
    assertThat(store.digests()).containsExactly(DIGEST);
  }

  @Test
  void refusesADirectoryThatIsInUseAndKeepsItsUploads() throws IOException {
    ModelStore.Upload upload = store.begin(DIGEST, CONTENT.length);
    assertCode(ErrorCode.UPDATE_CONFLICT, () -> ModelStore.open(root, 100_000));
    upload.write(ByteBuffer.wrap(CONTENT));
    upload.commit();
    assertThat(files()).containsExactly("blobs/" + DIGEST);
  }

  @Test
  void closingSuspendsUploadsAndFreesTheDirectory() throws IOException {
    ModelStore.Upload upload = store.begin(DIGEST, CONTENT.length);
    upload.write(ByteBuffer.wrap(CONTENT));
    store.close();
    assertThat(files()).containsExactly(PART);
    assertCode(ErrorCode.REQUEST_CANCELED, upload::commit);
    assertCode(ErrorCode.SERVICE_UNAVAILABLE, () -> store.begin(DIGEST, 1));
    reopen(100_000);
    assertThat(store.digests()).isEmpty();
    assertThat(store.partialDigests()).containsExactly(DIGEST);
  }

  private void reopen(long maxBytes) {
    store.close();
    store = ModelStore.open(root, maxBytes);
  }

  private Path upload(byte[] content, int pieceBytes) {
    ModelStore.Upload upload = store.begin(digest(content), content.length);
    for (int i = 0; i < content.length; i += pieceBytes) {
      upload.write(ByteBuffer.wrap(content, i, Math.min(pieceBytes, content.length - i)));
    }
    return upload.commit();
  }

  private List<String> files() throws IOException {
    try (Stream<Path> found = Files.walk(root)) {
      return found
          .filter(Files::isRegularFile)
          .map(file -> root.relativize(file).toString())
          .filter(name -> !name.equals("lock"))
          .sorted()
          .toList();
    }
  }

  private static Digest digest(byte[] content) {
    return Digest.of(Digest.hash().digest(Arrays.copyOf(content, content.length)));
  }

  private static void assertCode(ErrorCode code, ThrowingCallable call) {
    assertThatExceptionOfType(McpException.class)
        .isThrownBy(call)
        .satisfies(e -> assertThat(e.code()).isEqualTo(code))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("/").doesNotContain("java"));
  }
}

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
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** hostile-input.md M1, M6 and M7: what has arrived is gone on with, and never trusted. */
class PartialUploadsTest {
  private static final byte[] CONTENT = new byte[1_000];
  private static final Digest DIGEST;
  private static final long DAY_MS = 86_400_000;

  static {
    new Random(5).nextBytes(CONTENT);
    DIGEST = Digest.of(Digest.hash().digest(CONTENT));
  }

  @TempDir Path root;
  private final FailingFiles files = new FailingFiles();
  private ModelStore store;

  @BeforeEach
  void open() {
    store = ModelStore.open(root, 10_000, files);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void reopen() {
    store.close();
    open();
  }

  @Test
  void goesOnWhereASuspendedUploadWas() {
    leavePart(400);
    finish(400);
  }

  @Test
  void goesOnAfterARestart() {
    leavePart(400);
    reopen();
    assertThat(store.partialDigests()).containsExactly(DIGEST);
    assertThat(store.partialBytes()).isEqualTo(400);
    finish(400);
    assertThat(store.partialBytes()).isZero();
  }

  @Test
  void countsWhatIsOnTheDiskAndNothingElse() throws IOException {
    leavePart(400);
    store.close();
    Files.write(part(), Arrays.copyOf(CONTENT, 123));
    open();
    finish(123);
  }

  @Test
  void goesOnWithAllOfIt() {
    leavePart(1_000);
    reopen();
    finish(1_000);
  }

  @Test
  void aDamagedPartIsFoundAtTheEndAndLeavesNothing() throws IOException {
    leavePart(400);
    store.close();
    byte[] damaged = Arrays.copyOf(CONTENT, 400);
    damaged[17] ^= 1;
    Files.write(part(), damaged);
    open();
    ModelStore.Upload upload = store.begin(DIGEST, CONTENT.length);
    upload.write(ByteBuffer.wrap(CONTENT, 400, 600));
    assertCode(ErrorCode.MODEL_DIGEST_MISMATCH, upload::commit);
    assertThat(names()).isEmpty();
    finish(0);
  }

  @Test
  void aPartThatIsLongerThanItsContentIsRemoved() throws IOException {
    store.close();
    Files.write(part(), new byte[1_001]);
    Files.write(root.resolve("uploads/" + DIGEST + ".0.part"), new byte[1]);
    Files.write(root.resolve("uploads/" + DIGEST + ".99999999999999999999.part"), new byte[1]);
    open();
    assertThat(names()).isEmpty();
    finish(0);
  }

  @Test
  void anotherSizeIsAnotherUpload() {
    leavePart(400);
    ModelStore.Upload other = store.begin(DIGEST, CONTENT.length - 1);
    assertThat(other.offset()).isZero();
    other.abort();
    finish(400);
  }

  @Test
  void anUploadWithoutBytesLeavesNoFile() throws IOException {
    leavePart(0);
    assertThat(names()).isEmpty();
  }

  @Test
  void twoUploadsOfOneContentDoNotDisturbEachOther() throws IOException {
    leavePart(400);
    ModelStore.Upload first = store.begin(DIGEST, CONTENT.length);
    ModelStore.Upload second = store.begin(DIGEST, CONTENT.length);
    assertThat(first.offset()).isEqualTo(400);
    assertThat(second.offset()).isZero();
    second.write(ByteBuffer.wrap(CONTENT, 0, 500));
    second.suspend();
    first.suspend();
    assertThat(names()).containsExactly(part().getFileName().toString());
    finish(400);
  }

  @Test
  void countsPartsInTheQuotaAndLetsTheOldestGiveWay() throws IOException {
    leavePart(400);
    Digest newer = Digest.of(new byte[32]);
    suspended(newer, 2_000, 1_500);
    Files.setLastModifiedTime(part(), FileTime.fromMillis(1_000));
    reopen();
    assertThat(store.partialBytes()).isEqualTo(1_900);
    store.begin(Digest.ofHex("11".repeat(32)), 8_300).abort();
    assertThat(store.partialDigests()).containsExactly(newer);
    assertCode(
        ErrorCode.RESOURCE_EXHAUSTED, () -> store.begin(Digest.ofHex("11".repeat(32)), 10_001));
    assertThat(store.partialDigests()).containsExactly(newer);
  }

  @Test
  void anUploadThatFitsOnlyWithItsOwnPartGoesOn() {
    store.close();
    store = ModelStore.open(root, 1_000, files);
    leavePart(900);
    finish(900);
  }

  @Test
  void removesWhatNobodyHasBroughtFurtherForTooLong() throws IOException {
    leavePart(400);
    FileTime then = FileTime.fromMillis(1_000_000);
    Files.setLastModifiedTime(part(), then);
    reopen();
    assertThat(store.removeStaleUploads(DAY_MS, then.toMillis() + DAY_MS)).isZero();
    assertThat(store.removeStaleUploads(DAY_MS, then.toMillis() + DAY_MS + 1)).isEqualTo(1);
    assertThat(names()).isEmpty();
    assertThat(store.partialBytes()).isZero();
    finish(0);
  }

  @Test
  void keepsAStaleUploadThatSomebodyIsGoingOnWith() throws IOException {
    leavePart(400);
    Files.setLastModifiedTime(part(), FileTime.fromMillis(1_000_000));
    reopen();
    ModelStore.Upload upload = store.begin(DIGEST, CONTENT.length);
    assertThat(store.removeStaleUploads(DAY_MS, 100 * DAY_MS)).isZero();
    upload.write(ByteBuffer.wrap(CONTENT, 400, 600));
    upload.commit();
    assertThat(store.has(DIGEST)).isTrue();
  }

  @Test
  void aFullDiskAtAnyPlaceCostsTheUploadAndNothingElse() throws IOException {
    for (int arrived : new int[] {0, 500, 990}) {
      ModelStore.Upload upload = store.begin(DIGEST, CONTENT.length);
      upload.write(ByteBuffer.wrap(CONTENT, 0, arrived));
      files.failing = FailingFiles.Step.WRITE_HALF;
      assertCode(
          ErrorCode.RESOURCE_EXHAUSTED,
          () -> upload.write(ByteBuffer.wrap(CONTENT, arrived, 1_000 - arrived)));
      files.failing = FailingFiles.Step.NONE;
      assertThat(names()).isEmpty();
      assertThat(store.partialBytes()).isZero();
    }
    finish(0);
  }

  @Test
  void afterAFailedFsyncNothingIsGoneOnWith() throws IOException {
    leavePart(400);
    ModelStore.Upload upload = store.begin(DIGEST, CONTENT.length);
    upload.write(ByteBuffer.wrap(CONTENT, 400, 600));
    files.failing = FailingFiles.Step.FORCE;
    assertCode(ErrorCode.RESOURCE_EXHAUSTED, upload::commit);
    files.failing = FailingFiles.Step.NONE;
    assertThat(names()).isEmpty();
    finish(0);
  }

  @Test
  void aPartThatCannotBeOpenedIsKept() throws IOException {
    leavePart(400);
    files.failing = FailingFiles.Step.CREATE;
    assertCode(ErrorCode.RESOURCE_EXHAUSTED, () -> store.begin(DIGEST, CONTENT.length));
    files.failing = FailingFiles.Step.NONE;
    finish(400);
  }

  private void leavePart(int bytes) {
    suspended(DIGEST, CONTENT.length, bytes);
  }

  private void suspended(Digest digest, int size, int bytes) {
    ModelStore.Upload upload = store.begin(digest, size);
    upload.write(ByteBuffer.wrap(content(size), 0, bytes));
    upload.suspend();
    upload.suspend();
    assertCode(ErrorCode.REQUEST_CANCELED, upload::commit);
  }

  private static byte[] content(int size) {
    return Arrays.copyOf(CONTENT, size);
  }

  /** What was left is gone on with from this offset. */
  private void finish(int offset) {
    ModelStore.Upload upload = store.begin(DIGEST, CONTENT.length);
    assertThat(upload.offset()).isEqualTo(offset);
    upload.write(ByteBuffer.wrap(CONTENT, offset, CONTENT.length - offset));
    upload.commit();
    store.verify(DIGEST);
    assertThat(store.storedBytes()).isEqualTo(CONTENT.length);
  }

  private Path part() {
    return root.resolve("uploads/" + DIGEST + "." + CONTENT.length + ".part");
  }

  private List<String> names() throws IOException {
    try (Stream<Path> found = Files.list(root.resolve("uploads"))) {
      return found.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static void assertCode(ErrorCode code, ThrowingCallable call) {
    assertThatExceptionOfType(McpException.class)
        .isThrownBy(call)
        .satisfies(e -> assertThat(e.code()).isEqualTo(code));
  }
}

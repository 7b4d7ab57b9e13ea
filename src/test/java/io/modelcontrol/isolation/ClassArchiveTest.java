package io.modelcontrol.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassArchiveTest {
  private static final String MAKE = "-XX:ArchiveClassesAtExit=";

  @TempDir Path store;
  @TempDir Path elsewhere;
  private Path jar;
  private final AtomicInteger runs = new AtomicInteger();

  @BeforeEach
  void aJar() throws IOException {
    jar = Files.writeString(elsewhere.resolve("a.jar"), "classes");
  }

  /** As a JVM does that was told to. */
  private void run(List<String> words) {
    runs.incrementAndGet();
    try {
      Files.writeString(Path.of(words.get(0).substring(MAKE.length())), "archive");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void assertUsed(ClassArchive archive) {
    assertThat(archive.use()).isNotEmpty();
  }

  @Test
  void isMadeOnceAndUsedFromThenOn() {
    ClassArchive archive = new ClassArchive(store, List.of(jar));
    assertThat(archive.use()).isEmpty();
    archive.makeOnce(this::run);
    archive.makeOnce(this::run);
    assertUsed(archive);
    archive.makeOnce(this::run);
    assertThat(runs).hasValue(1);
    assertThat(archive.use()).singleElement().asString().startsWith("-XX:SharedArchiveFile=");
  }

  @Test
  void isThereAfterARestart() {
    ClassArchive archive = new ClassArchive(store, List.of(jar));
    archive.makeOnce(this::run);
    assertUsed(archive);
    ClassArchive next = new ClassArchive(store, List.of(jar));
    next.makeOnce(this::run);
    assertThat(next.use()).isEqualTo(archive.use());
    assertThat(runs).hasValue(1);
  }

  @Test
  void thatOfAnotherClassPathIsReplaced() throws IOException {
    ClassArchive archive = new ClassArchive(store, List.of(jar));
    archive.makeOnce(this::run);
    assertUsed(archive);
    Files.setLastModifiedTime(jar, FileTime.fromMillis(1));
    ClassArchive next = new ClassArchive(store, List.of(jar));
    assertThat(next.use()).isEmpty();
    next.makeOnce(this::run);
    assertUsed(next);
    assertThat(archive.use()).isEmpty();
    assertThat(store.toFile().list()).hasSize(1);
  }

  @Test
  void whatCannotBeMadeIsNotUsed() {
    ClassArchive archive = new ClassArchive(store, List.of(jar));
    archive.makeOnce(
        words -> {
          run(words);
          throw new ProcessEndedException("exit code 1");
        });
    Awaitility.await("the run").until(() -> runs.get() == 1);
    assertThat(archive.use()).isEmpty();
  }

  @Test
  void isNotMadeOfDirectories() {
    ClassArchive archive = new ClassArchive(store, List.of(jar, elsewhere));
    archive.makeOnce(this::run);
    assertThat(archive.use()).isEmpty();
    assertThat(runs).hasValue(0);
  }
}

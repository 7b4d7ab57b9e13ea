package io.modelcontrol.runtime.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class SharedLibrariesTest {
  private final Instant now = Instant.now();
  private final Instant longAgo = now.minus(Duration.ofHours(1));

  @TempDir private Path temporary;

  @Test
  void deletesWhatAProcessHasLeftThatWasKilled() throws Exception {
    Path left = folder("left", longAgo);
    SharedLibraries.deleteAbandoned(temporary);
    assertThat(left).doesNotExist();
  }

  @Test
  void keepsWhatAProcessUses() throws Exception {
    Path used = folder("used", longAgo);
    try (FileChannel user = FileChannel.open(used.resolve("lock"), StandardOpenOption.WRITE)) {
      user.lock();
      SharedLibraries.deleteAbandoned(temporary);
      assertThat(used.resolve("libonnxruntime.so")).exists();
    }
  }

  @Test
  void keepsWhatAProcessIsAboutToLock() throws Exception {
    Path begun = folder("begun", now);
    SharedLibraries.deleteAbandoned(temporary);
    assertThat(begun.resolve("libonnxruntime.so")).exists();
  }

  @Test
  void keepsWhatIsNotItsOwn() throws Exception {
    Path more = folder("more", longAgo);
    Path foreign = Files.writeString(more.resolve("foreign"), "");
    Path elsewhere = Files.createDirectory(temporary.resolve("elsewhere"));
    Files.move(folder("moved", longAgo), elsewhere.resolve("moved"));
    Files.createSymbolicLink(temporary.resolve("mcp-libraries-link"), elsewhere.resolve("moved"));
    Path noLock = Files.createDirectory(temporary.resolve("mcp-libraries-old"));
    SharedLibraries.deleteAbandoned(temporary);
    assertThat(foreign).exists();
    assertThat(elsewhere.resolve("moved").resolve("lock")).exists();
    assertThat(noLock).exists();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void whatSomebodyHasRemovedIsUnpackedAgain() throws Exception {
    Path library = library();
    assertThat(library()).isEqualTo(library);
    Files.delete(library);
    assertThat(library()).exists();
  }

  private static Path library() {
    Map<String, String> properties = SharedLibraries.properties();
    return Path.of(properties.get("onnxruntime.native.path"), "libonnxruntime.so");
  }

  private Path folder(String name, Instant locked) throws IOException {
    Path folder = Files.createDirectory(temporary.resolve("mcp-libraries-" + name));
    Files.writeString(folder.resolve("libonnxruntime.so"), "");
    Path lock = Files.writeString(folder.resolve("lock"), "");
    Files.setLastModifiedTime(lock, FileTime.from(locked));
    return folder;
  }
}

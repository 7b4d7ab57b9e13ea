package io.modelcontrol.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** hostile-input.md M7: the store after its process was killed, and beside one that lives. */
class StoreProcessTest {
  private static final byte[] CONTENT = new byte[100_000];

  @TempDir Path root;

  /** The other process: stores one content whole, another one by half, and waits to be killed. */
  static final class Other {
    public static void main(String[] args) throws IOException {
      ModelStore store = ModelStore.open(Path.of(args[0]), 1_000_000);
      ModelStore.Upload whole = store.begin(digest(CONTENT), CONTENT.length);
      whole.write(ByteBuffer.wrap(CONTENT));
      whole.commit();
      byte[] half = Arrays.copyOf(CONTENT, CONTENT.length / 2);
      store.begin(digest(half), CONTENT.length).write(ByteBuffer.wrap(half));
      new FileOutputStream(FileDescriptor.out).write("ready\n".getBytes(StandardCharsets.UTF_8));
      System.in.read();
    }
  }

  @Test
  void aStoreWhoseProcessWasKilledHasWholeContentsAndGoesOnWithTheOther() throws Exception {
    Process other = start();
    try {
      BufferedReader out =
          new BufferedReader(
              new InputStreamReader(other.getInputStream(), StandardCharsets.US_ASCII));
      assertThat(out.readLine()).isEqualTo("ready");
      assertThatExceptionOfType(McpException.class)
          .isThrownBy(() -> ModelStore.open(root, 1_000_000))
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.UPDATE_CONFLICT));
      assertThat(uploads()).isEqualTo(1);
    } finally {
      other.destroyForcibly();
      assertThat(other.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
    try (ModelStore store = ModelStore.open(root, 1_000_000)) {
      assertThat(store.digests()).containsExactly(digest(CONTENT));
      store.verify(digest(CONTENT));
      byte[] half = Arrays.copyOf(CONTENT, CONTENT.length / 2);
      ModelStore.Upload upload = store.begin(digest(half), CONTENT.length);
      assertThat(upload.offset()).isEqualTo(half.length);
      upload.abort();
      assertThat(uploads()).isZero();
    }
  }

  private Process start() throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> command =
        List.of(
            java,
            "-Xmx64m",
            "-cp",
            System.getProperty("java.class.path"),
            Other.class.getName(),
            root.toString());
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private long uploads() throws IOException {
    try (Stream<Path> files = Files.list(root.resolve("uploads"))) {
      return files.count();
    }
  }

  private static Digest digest(byte[] content) {
    return Digest.of(Digest.hash().digest(content));
  }
}

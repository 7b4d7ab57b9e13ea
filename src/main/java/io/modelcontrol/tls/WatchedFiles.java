package io.modelcontrol.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Tells whether the files of {@link TlsOptions} have changed, by their contents: times of change
 * are too coarse, and secrets are often mounted as links that are switched. Blocks.
 */
final class WatchedFiles {
  private final Path[] files;
  private byte[] last = {};

  WatchedFiles(TlsOptions options) {
    files =
        Stream.of(
                options.getCertificateFile(),
                options.getKeyFile(),
                options.getKeyStoreFile(),
                options.getCaFile(),
                options.getTrustStoreFile())
            .filter(Objects::nonNull)
            .map(Path::of)
            .toArray(Path[]::new);
  }

  /** Whether anything is different from the call before. */
  synchronized boolean changed() {
    byte[] now = digest();
    boolean changed = !Arrays.equals(now, last);
    last = now;
    return changed;
  }

  private byte[] digest() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Path file : files) {
        digest.update(content(file));
      }
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static byte[] content(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      // It may be about to be replaced; whoever reads it next tells.
      return new byte[0];
    }
  }
}

package io.modelcontrol.testing;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The hex vectors, which the specification shows too: {@code src/test/resources/vectors/NAME.hex}.
 * A line that begins with {@code #} says what the bytes below it are.
 */
public final class Vectors {
  private Vectors() {}

  /** The names of all vectors that begin so, in order. */
  public static List<String> names(String prefix) {
    try (Stream<Path> files = Files.list(folder())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith(prefix) && name.endsWith(".hex"))
          .map(name -> name.substring(0, name.length() - ".hex".length()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static byte[] bytes(String name) {
    try (Stream<String> lines = Files.lines(folder().resolve(name + ".hex"))) {
      return parse(lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static ByteBuf buffer(String name) {
    return Unpooled.wrappedBuffer(bytes(name));
  }

  /** The bytes of a vector's lines. */
  public static byte[] parse(Stream<String> lines) {
    return HexFormat.of()
        .parseHex(
            lines
                .map(String::strip)
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.replaceAll("\\s", ""))
                .collect(Collectors.joining()));
  }

  private static Path folder() {
    try {
      return Path.of(Vectors.class.getResource("/vectors").toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}

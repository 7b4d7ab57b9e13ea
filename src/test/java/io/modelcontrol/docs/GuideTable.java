package io.modelcontrol.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The tables of the guide, for the tests that keep them true. */
public final class GuideTable {
  private GuideTable() {}

  /** The rows of the table after an anchor, each on one line, without the header. */
  public static List<List<String>> rows(Path page, String anchor) {
    String text = read(page);
    int start = text.indexOf("\n|===\n", text.indexOf("[[" + anchor + "]]"));
    return text.substring(start, text.indexOf("\n|===", start + 1))
        .lines()
        .filter(line -> line.startsWith("|") && !line.equals("|==="))
        .skip(1)
        .map(line -> Stream.of(line.substring(1).split("\\|", -1)).map(String::strip).toList())
        .toList();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

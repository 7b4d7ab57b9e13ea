package io.modelcontrol.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Every command that the README and the guide show is one that modelctl takes. */
class DocumentedCommandsTest {
  private static final String PREFIX = "./modelctl ";
  private static final List<String> FILES =
      List.of(
          "README.adoc",
          "src/main/asciidoc/index.adoc",
          "src/main/asciidoc/lifecycle.adoc",
          "src/main/asciidoc/operating.adoc",
          "src/main/asciidoc/pushing.adoc",
          "src/main/asciidoc/security.adoc",
          "src/main/asciidoc/workers.adoc");
  private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");

  static Stream<String> commands() throws IOException {
    List<String> commands = new ArrayList<>();
    for (String file : FILES) {
      Files.readString(Path.of(file))
          .lines()
          .filter(line -> line.startsWith(PREFIX))
          .map(line -> line.substring(PREFIX.length()).replaceAll("\\s+#.*", ""))
          .forEach(commands::add);
    }
    return commands.stream();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void isACommandOfModelctl(String command) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(command);
    while (matcher.find()) {
      words.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
    }
    CommandLine line = new Modelctl(Console.system()).commandLine();
    assertThat(line.getSubcommands()).containsKey(words.get(0));
    assertThatCode(() -> line.parseArgs(words.toArray(String[]::new))).doesNotThrowAnyException();
  }
}

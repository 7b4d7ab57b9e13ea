package io.modelcontrol.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.ModelState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the page on the life of a model says of states and parameters is so. */
class LifecycleGuideTest {
  private static final Path PAGE = Path.of("src/main/asciidoc/lifecycle.adoc");
  private static final Pattern ARROW = Pattern.compile("([A-Z]+) +--> ([A-Z]+) +.+");

  @Test
  void theDiagramIsTheTransitionTable() throws IOException {
    Map<ModelState, Set<ModelState>> drawn = new EnumMap<>(ModelState.class);
    for (String line : diagram()) {
      Matcher arrow = ARROW.matcher(line);
      assertThat(arrow.matches()).as(line).isTrue();
      drawn
          .computeIfAbsent(
              ModelState.valueOf(arrow.group(1)), state -> EnumSet.noneOf(ModelState.class))
          .add(ModelState.valueOf(arrow.group(2)));
    }
    for (ModelState state : ModelState.values()) {
      assertThat(drawn.getOrDefault(state, Set.of())).as(state.name()).isEqualTo(state.next());
    }
  }

  private static List<String> diagram() throws IOException {
    List<String> lines = Files.readAllLines(PAGE);
    int begin = lines.indexOf("[[model-state-diagram]]") + 2;
    List<String> diagram = new ArrayList<>();
    for (int i = begin; !lines.get(i).equals("----"); i++) {
      diagram.add(lines.get(i));
    }
    return diagram;
  }
}

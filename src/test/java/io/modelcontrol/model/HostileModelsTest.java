package io.modelcontrol.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.model.HostileModels.Hostile;
import io.modelcontrol.model.OnnxScanner.Limits;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** hostile-input.md 1.6: each hostile file is refused for its reason, its control accepted. */
class HostileModelsTest {
  private final List<Hostile> corpus = HostileModels.all();

  @Test
  void refusesEachForItsReason() {
    List<String> wrong = new ArrayList<>();
    for (Hostile hostile : corpus) {
      String reason = OnnxBytes.reasonOf(hostile.content(), Limits.DEFAULT);
      if (!reason.startsWith(hostile.reason() + ": ")) {
        wrong.add(hostile.name() + ": " + reason);
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(corpus).hasSizeGreaterThan(300);
  }

  @Test
  void acceptsEachControl() {
    List<String> refused = new ArrayList<>();
    for (Hostile hostile : corpus) {
      String reason = OnnxBytes.reasonOf(hostile.control(), Limits.DEFAULT);
      if (!reason.equals("accepted")) {
        refused.add(hostile.name() + ": " + reason);
      }
    }
    assertThat(refused).isEmpty();
  }
}

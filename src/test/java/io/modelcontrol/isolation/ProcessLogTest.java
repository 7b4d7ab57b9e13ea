package io.modelcontrol.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

class ProcessLogTest {
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final Logger log =
      new ProcessLog(new PrintStream(said, true, StandardCharsets.UTF_8))
          .getLoggerFactory()
          .getLogger("io.modelcontrol.Some");

  @Test
  void saysWarningsAndErrorsWithTheirCauses() {
    log.warn("model {} has {} inputs", "m", 2);
    log.error("a run failed", new IllegalStateException("no session"));
    assertThat(said.toString(StandardCharsets.UTF_8))
        .hasLineCount(2)
        .startsWith("WARN io.modelcontrol.Some - model m has 2 inputs")
        .contains(
            "ERROR io.modelcontrol.Some - a run failed:"
                + " java.lang.IllegalStateException: no session");
  }

  @Test
  void saysNothingElse() {
    log.info("it listens");
    log.debug("it listens");
    assertThat(said.toString(StandardCharsets.UTF_8)).isEmpty();
  }
}

package io.modelcontrol.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class ArchitectureDiagramTest {
  @Test
  void theCommittedPictureIsTheOneThatIsDrawn() throws IOException {
    assertThat(Files.readString(ArchitectureDiagram.FILE)).isEqualTo(ArchitectureDiagram.draw());
  }
}

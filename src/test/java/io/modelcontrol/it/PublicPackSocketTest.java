package io.modelcontrol.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.testing.CaseExecutor;
import io.modelcontrol.testing.PublicPackContract;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The contract over a real socket; whatever is refused, the session lives on. */
class PublicPackSocketTest extends PublicPackContract {
  private SocketExecutor executor;

  @BeforeEach
  void open(@TempDir Path store) throws Exception {
    executor = new SocketExecutor(store);
  }

  @AfterEach
  void close() throws Exception {
    assertThat(executor.keptItsSession()).isTrue();
    executor.close();
  }

  @Override
  protected CaseExecutor executor() {
    return executor;
  }
}

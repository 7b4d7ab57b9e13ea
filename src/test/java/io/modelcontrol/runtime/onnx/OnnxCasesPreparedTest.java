package io.modelcontrol.runtime.onnx;

import io.modelcontrol.testing.CaseExecutor;
import io.modelcontrol.testing.PublicPackContract;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** As when they run for the first time: what is prepared answers alike. */
class OnnxCasesPreparedTest extends PublicPackContract {
  private InProcessExecutor executor;

  @BeforeEach
  void open(@TempDir Path directory) {
    executor = new InProcessExecutor(directory, 3);
  }

  @AfterEach
  void close() {
    executor.close();
  }

  @Override
  protected CaseExecutor executor() {
    return executor;
  }
}

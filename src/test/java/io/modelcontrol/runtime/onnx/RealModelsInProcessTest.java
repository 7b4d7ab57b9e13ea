package io.modelcontrol.runtime.onnx;

import io.modelcontrol.testing.CaseExecutor;
import io.modelcontrol.testing.RealModelsContract;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class RealModelsInProcessTest extends RealModelsContract {
  private InProcessExecutor executor;

  @BeforeEach
  void open(@TempDir Path directory) {
    executor = new InProcessExecutor(directory, loads());
  }

  /** How often a model is loaded before it runs. */
  int loads() {
    return 1;
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

package io.modelcontrol.runtime.onnx;

/** As when they run for the first time: what is prepared answers alike. */
class OnnxCasesPreparedTest extends OnnxCasesInProcessTest {
  @Override
  int loads() {
    return 3;
  }
}

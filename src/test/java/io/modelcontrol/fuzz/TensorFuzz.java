package io.modelcontrol.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Any bytes as the value of a tensor field. */
class TensorFuzz {
  @FuzzTest(maxDuration = "10m")
  void aTensorHasTheSizeOfItsShape(byte[] input) {
    MessageOracle.check(Fields.message(0x0B, 0x20, input));
  }
}

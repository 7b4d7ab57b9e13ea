package io.modelcontrol.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Any bytes as the protobuf of a model descriptor. */
class DescriptorFuzz {
  @FuzzTest(maxDuration = "10m")
  void aDescriptorStaysWithinItsBounds(byte[] input) {
    MessageOracle.check(Fields.message(0x08, 0x13, input));
  }
}

package io.modelcontrol.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Any bytes as the protobuf of a negotiation. */
class NegotiationFuzz {
  @FuzzTest(maxDuration = "10m")
  void aNegotiationStaysWithinItsBounds(byte[] input) {
    MessageOracle.check(Fields.message(0x01, 0x08, input));
  }
}

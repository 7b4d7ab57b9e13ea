package io.modelcontrol.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Any bytes as a message: refused with a typed error, or the same after writing and reading. */
class MessageDecoderFuzz {
  @FuzzTest(maxDuration = "10m")
  void whatIsReadIsWrittenTheSame(byte[] input) {
    MessageOracle.check(input);
  }
}

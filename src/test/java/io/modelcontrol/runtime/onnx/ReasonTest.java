package io.modelcontrol.runtime.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReasonTest {
  @Test
  void keepsNoPathAndNoSourcePosition() {
    String message =
        "Error code - ORT_FAIL - message: Load model from /srv/models/ab12"
            + " failed:/build/onnxruntime/core/graph/model.cc:181"
            + " onnxruntime::Model::Model(onnx::ModelProto&&, const onnxruntime::ModelOptions&)"
            + " Unsupported model IR version: 15\n"
            + "max 13";

    assertThat(Reason.of(message)).isEqualTo("Unsupported model IR version: 15 max 13");
    assertThat(Reason.of("cannot open /etc/passwd: no")).isEqualTo("cannot open passwd: no");
    assertThat(Reason.of("C:\\models\\a.onnx is bad")).isEqualTo("a.onnx is bad");
    assertThat(Reason.of("a function/op")).isEqualTo("a function/op");
  }

  @Test
  void isOneLineOfBoundedLength() {
    assertThat(Reason.of("x\r\n\t\u001b[1m".repeat(10_000)))
        .hasSize(Reason.MAX_LENGTH)
        .doesNotContainPattern("\\p{Cntrl}");
    assertThat(Reason.of("")).isEqualTo("no reason was given");
  }
}

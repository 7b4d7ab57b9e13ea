package io.modelcontrol.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.Tensor;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import org.junit.jupiter.api.Test;

class AgreementTest {
  private final Agreement agreement = new Agreement(0.01);

  private static Message result(Tensor... tensors) {
    Message result = Message.of(MessageType.INFERENCE_RESULT);
    for (Tensor tensor : tensors) {
      result.tensor(tensor);
    }
    return result;
  }

  @Test
  void numbersMayDifferByTheTolerance() {
    Message first = result(Tensor.of("y", new float[] {100, 0.5f}));
    assertThat(agreement.agree(first, result(Tensor.of("y", new float[] {100.9f, 0.5f})))).isTrue();
    assertThat(agreement.agree(first, result(Tensor.of("y", new float[] {101.1f, 0.5f}))))
        .isFalse();
    assertThat(agreement.agree(first, result(Tensor.of("y", new float[] {100, 0.52f})))).isFalse();
  }

  @Test
  void whatIsNoNumberAgreesWithItself() {
    Message first = result(Tensor.of("y", new double[] {Double.NaN}));
    assertThat(agreement.agree(first, result(Tensor.of("y", new double[] {Double.NaN})))).isTrue();
    assertThat(agreement.agree(first, result(Tensor.of("y", new double[] {1})))).isFalse();
  }

  @Test
  void allElseIsEqualOrNot() {
    Message first = result(Tensor.of("y", new long[] {1, 2}));
    assertThat(agreement.agree(first, result(Tensor.of("y", new long[] {1, 2})))).isTrue();
    assertThat(agreement.agree(first, result(Tensor.of("y", new long[] {1, 3})))).isFalse();
    assertThat(agreement.agree(first, result(Tensor.of("z", new long[] {1, 2})))).isFalse();
    assertThat(agreement.agree(first, result(Tensor.of("y", new long[] {1, 2}, 2, 1)))).isFalse();
    assertThat(agreement.agree(first, result(Tensor.of("y", new int[] {1, 2})))).isFalse();
    assertThat(agreement.agree(first, result())).isFalse();
    assertThat(agreement.agree(first, Message.status(ErrorCode.RUNTIME_FAILURE, "no"))).isFalse();
  }
}

package io.modelcontrol.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuietProcessorTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"''|''", "0|0", "0-1|0 1", "0,2|0 2", "1-3,8,10-11|1 2 3 8 10 11"})
  void readsWhichProcessorsTheKernelAllows(String list, String numbers) {
    List<String> read = QuietProcessor.numbers(list).stream().map(String::valueOf).toList();
    assertThat(String.join(" ", read)).isEqualTo(numbers);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"''|''", "0|''", "0-1|1 1 1", "0-3|2 3 2", "4-8|7 8 7"})
  void keepsWhatIsNotWaitedForToTheUpperHalfEachInItsTurn(String list, String expected) {
    for (int turn = 0; turn < expected.split(" ", -1).length; turn++) {
      assertThat(QuietProcessor.one(QuietProcessor.numbers(list), turn))
          .isEqualTo(expected.split(" ", -1)[turn]);
    }
  }
}

package io.modelcontrol.runtime;

import io.modelcontrol.DataType;
import java.util.List;

/**
 * What requests have in common that can be one: all but the first dimension of their inputs.
 *
 * @param inputs by name
 * @param outputs as requested, in their order
 */
record BatchKey(List<Input> inputs, List<String> outputs) {
  BatchKey {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /**
   * One input.
   *
   * @param row the dimensions of a row; nothing for an image, whose size does not matter yet
   */
  record Input(String name, DataType type, List<Long> row) {
    Input {
      row = List.copyOf(row);
    }
  }
}

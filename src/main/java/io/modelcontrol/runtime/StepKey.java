package io.modelcontrol.runtime;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/**
 * What steps have in common that can be one run: all but the dimension along which they are joined,
 * and the very values of what is the same for a whole run.
 *
 * @param rows inputs of which each step has one row, by name
 * @param shared inputs that have no rows, by name
 * @param states what the states are like, in the order of the links
 * @param outputs as requested, in their order
 */
record StepKey(
    List<BatchKey.Input> rows,
    Map<String, ByteBuffer> shared,
    List<BatchKey.Input> states,
    List<String> outputs) {
  StepKey {
    rows = List.copyOf(rows);
    shared = Map.copyOf(shared);
    states = List.copyOf(states);
    outputs = List.copyOf(outputs);
  }
}

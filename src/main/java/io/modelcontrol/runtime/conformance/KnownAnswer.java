package io.modelcontrol.runtime.conformance;

import io.modelcontrol.Tensor;
import java.util.List;

/**
 * A model of one output, FLOAT, with what it has to answer to one request.
 *
 * @param inputs of the request, on the heap
 * @param answer the elements of the output
 * @param tolerance by which an element may differ
 */
public record KnownAnswer(
    ConformanceModel model, List<Tensor> inputs, float[] answer, float tolerance) {
  public KnownAnswer {
    inputs = List.copyOf(inputs);
  }
}

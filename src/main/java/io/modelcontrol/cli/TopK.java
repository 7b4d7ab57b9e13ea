package io.modelcontrol.cli;

import io.modelcontrol.DataType;
import io.modelcontrol.Float16;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The classes that a classifier scores highest. */
public final class TopK {
  /**
   * One class of a result.
   *
   * @param index its place in the scores
   * @param label its name, or the index where it has none
   * @param score as the model gave it, or its softmax
   */
  public record Entry(int index, String label, double score) {}

  private TopK() {}

  /**
   * The best classes of each row, highest score first, the lower index first among equals. The last
   * dimension counts the classes, those before it the rows. NaN is never among the best.
   *
   * @param scores FLOAT, DOUBLE, FLOAT16 or BFLOAT16
   * @param count how many of each row, at least 1
   * @param softmax whether the scores are logits, to be turned into probabilities
   * @throws McpException INVALID_ARGUMENT if the tensor holds no scores
   */
  public static List<List<Entry>> of(Tensor scores, int count, Labels labels, boolean softmax) {
    if (count < 1) {
      throw new IllegalArgumentException("count " + count + ", expected at least 1");
    }
    double[] values = values(scores);
    int classes = scores.rank() == 0 ? 1 : (int) scores.dimension(scores.rank() - 1);
    List<List<Entry>> rows = new ArrayList<>();
    for (int start = 0; start < values.length; start += classes) {
      if (softmax) {
        softmax(values, start, start + classes);
      }
      rows.add(best(values, start, classes, count, labels));
    }
    return rows;
  }

  private static double[] values(Tensor scores) {
    ByteBuffer bytes = scores.bytes();
    double[] values =
        new double[scores.dataType() == DataType.STRING ? 0 : (int) scores.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (scores.dataType()) {
            case FLOAT -> bytes.getFloat();
            case DOUBLE -> bytes.getDouble();
            case FLOAT16 -> Float16.toFloat(bytes.getShort());
            case BFLOAT16 -> Float16.fromBfloat16Bits(bytes.getShort());
            default -> throw noScores(scores);
          };
    }
    if (values.length == 0) {
      throw noScores(scores);
    }
    return values;
  }

  private static McpException noScores(Tensor tensor) {
    return BadInput.of("output " + tensor + " holds no scores: expected a tensor of floats");
  }

  private static void softmax(double[] values, int from, int to) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = from; i < to; i++) {
      largest = Math.max(largest, values[i]);
    }
    double sum = 0;
    for (int i = from; i < to; i++) {
      values[i] = Math.exp(values[i] - largest);
      sum += values[i];
    }
    for (int i = from; i < to; i++) {
      values[i] /= sum;
    }
  }

  private static List<Entry> best(
      double[] values, int start, int classes, int count, Labels labels) {
    List<Entry> best = new ArrayList<>();
    for (int i = 0; i < classes; i++) {
      double score = values[start + i];
      boolean enters = best.size() < count || score > best.get(best.size() - 1).score();
      if (Double.isNaN(score) || !enters) {
        continue;
      }
      int place = best.size();
      while (place > 0 && score > best.get(place - 1).score()) {
        place--;
      }
      best.add(place, new Entry(i, labels.of(i), score));
      if (best.size() > count) {
        best.remove(count);
      }
    }
    return best;
  }
}

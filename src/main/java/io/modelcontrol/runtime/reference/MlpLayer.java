package io.modelcontrol.runtime.reference;

import io.vertx.core.json.JsonArray;

/** One dense layer: {@code activation(weights * x + bias)}. */
final class MlpLayer {
  private enum Activation {
    NONE,
    RELU,
    SOFTMAX
  }

  private final float[][] weights;
  private final float[] bias;
  private final Activation activation;

  private MlpLayer(float[][] weights, float[] bias, Activation activation) {
    this.weights = weights;
    this.bias = bias;
    this.activation = activation;
  }

  static MlpLayer of(int index, ModelJson json) {
    String where = "layer " + index;
    float[][] weights = matrix(where, json.array("weights"));
    float[] bias = ModelJson.floats(where + " 'bias'", json.array("bias"));
    if (bias.length != weights.length) {
      throw ModelJson.rejected(
          where + " has " + weights.length + " rows of weights and " + bias.length + " biases");
    }
    Activation activation = activation(where, json.stringOr("activation", "none"));
    json.refuseUnknownKeys();
    return new MlpLayer(weights, bias, activation);
  }

  private static float[][] matrix(String where, JsonArray rows) {
    float[][] matrix = new float[rows.size()][];
    for (int i = 0; i < matrix.length; i++) {
      matrix[i] = ModelJson.floats(where + " 'weights' row " + i, rows.getValue(i));
      if (matrix[i].length != matrix[0].length) {
        throw ModelJson.rejected(where + " 'weights' has rows of different lengths");
      }
    }
    if (matrix.length == 0 || matrix[0].length == 0) {
      throw ModelJson.rejected(where + " 'weights' is empty");
    }
    return matrix;
  }

  private static Activation activation(String where, String name) {
    return switch (name) {
      case "none" -> Activation.NONE;
      case "relu" -> Activation.RELU;
      case "softmax" -> Activation.SOFTMAX;
      default ->
          throw ModelJson.rejected(
              where + " has activation '" + name + "', expected none, relu or softmax");
    };
  }

  int inputs() {
    return weights[0].length;
  }

  int outputs() {
    return weights.length;
  }

  float[] apply(float[] values) {
    float[] results = new float[weights.length];
    for (int i = 0; i < results.length; i++) {
      double sum = bias[i];
      for (int j = 0; j < values.length; j++) {
        sum += (double) weights[i][j] * values[j];
      }
      results[i] = (float) sum;
    }
    activate(results);
    return results;
  }

  private void activate(float[] values) {
    if (activation == Activation.RELU) {
      relu(values);
    } else if (activation == Activation.SOFTMAX) {
      softmax(values);
    }
  }

  private static void relu(float[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.max(0, values[i]);
    }
  }

  /** Shifted by the largest value, so that no exponential overflows. */
  private static void softmax(float[] values) {
    float largest = Float.NEGATIVE_INFINITY;
    for (float value : values) {
      largest = Math.max(largest, value);
    }
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.exp(values[i] - largest);
      sum += values[i];
    }
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (values[i] / sum);
    }
  }
}

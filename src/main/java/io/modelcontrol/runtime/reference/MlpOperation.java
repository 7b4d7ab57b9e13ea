package io.modelcontrol.runtime.reference;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.modelcontrol.runtime.RunControl;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/** A small multi-layer perceptron: FLOAT [N, in] to FLOAT [N, out]. */
final class MlpOperation implements Operation {
  private static final int MAX_LAYERS = 64;

  /** Elements of a result, 64 MiB: a few bytes of request must not ask for gigabytes. */
  private static final long MAX_OUTPUT_ELEMENTS = 16L << 20;

  private final List<MlpLayer> layers;
  private final TensorSpec input;
  private final TensorSpec output;

  MlpOperation(ModelJson model) {
    layers = layers(model.array("layers"));
    input = spec("input", layers.get(0).inputs());
    output = spec("output", layers.get(layers.size() - 1).outputs());
  }

  private static TensorSpec spec(String name, int width) {
    return new TensorSpec(name, DataType.FLOAT, new long[] {TensorSpec.DYNAMIC, width});
  }

  private static List<MlpLayer> layers(JsonArray array) {
    if (array.isEmpty() || array.size() > MAX_LAYERS) {
      throw ModelJson.rejected("'layers' must hold 1 to " + MAX_LAYERS + ", got " + array.size());
    }
    List<MlpLayer> layers = new ArrayList<>();
    for (int i = 0; i < array.size(); i++) {
      if (!(array.getValue(i) instanceof JsonObject json)) {
        throw ModelJson.rejected("layer " + i + " must be an object");
      }
      MlpLayer layer = MlpLayer.of(i, new ModelJson(json));
      if (i > 0 && layer.inputs() != layers.get(i - 1).outputs()) {
        throw ModelJson.rejected(
            "layer "
                + i
                + " takes "
                + layer.inputs()
                + " values, the one before gives "
                + layers.get(i - 1).outputs());
      }
      layers.add(layer);
    }
    return List.copyOf(layers);
  }

  @Override
  public List<TensorSpec> inputs() {
    return List.of(input);
  }

  @Override
  public TensorSpec output() {
    return output;
  }

  @Override
  public Tensor run(List<Tensor> inputs, RunControl control) {
    Tensor given = inputs.get(0);
    long rows = given.dimension(0);
    int width = layers.get(layers.size() - 1).outputs();
    if (rows > MAX_OUTPUT_ELEMENTS / width) {
      throw McpException.streamError(
          ErrorCode.RESOURCE_EXHAUSTED,
          "a result of " + rows + " x " + width + " elements, at most " + MAX_OUTPUT_ELEMENTS);
    }
    FloatBuffer source = given.bytes().asFloatBuffer();
    float[] results = new float[(int) rows * width];
    for (int row = 0; row < rows; row++) {
      control.check();
      float[] values = new float[layers.get(0).inputs()];
      source.get(values);
      for (MlpLayer layer : layers) {
        values = layer.apply(values);
      }
      System.arraycopy(values, 0, results, row * width, width);
    }
    return Tensor.of(output.name(), results, rows, width);
  }
}

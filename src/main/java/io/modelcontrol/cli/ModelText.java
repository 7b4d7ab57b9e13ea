package io.modelcontrol.cli;

import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.PreprocessStep;
import io.modelcontrol.TensorSpec;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A model descriptor for people and for machines. */
final class ModelText {
  private ModelText() {}

  static JsonObject json(ModelDescriptor model) {
    JsonArray preprocess = new JsonArray();
    model.preprocess().forEach(step -> preprocess.add(json(step)));
    return new JsonObject()
        .put("name", model.id().name())
        .put("version", model.id().version())
        .put("state", model.state().name())
        .put("runtime", model.runtime())
        .put("sha256", model.digest() == null ? null : model.digest().hex())
        .put("inputs", json(model.inputs()))
        .put("outputs", json(model.outputs()))
        .put("preprocess", preprocess)
        .put("parameters", json(model.parameters()));
  }

  private static JsonArray json(List<TensorSpec> specs) {
    JsonArray array = new JsonArray();
    for (TensorSpec spec : specs) {
      JsonArray shape = new JsonArray();
      for (long dimension : spec.shape()) {
        shape.add(dimension);
      }
      array.add(
          new JsonObject()
              .put("name", spec.name())
              .put("dtype", spec.dataType() == null ? null : spec.dataType().name())
              .put("shape", shape));
    }
    return array;
  }

  private static JsonObject json(PreprocessStep step) {
    return new JsonObject().put("op", step.op()).put("args", json(step.args()));
  }

  private static JsonObject json(Map<String, String> map) {
    JsonObject object = new JsonObject();
    map.forEach(object::put);
    return object;
  }

  /** As in {@code 90 %}; empty where the server does not tell. */
  static String share(ModelDescriptor model) {
    String percent = model.parameters().get("status.share");
    return percent == null ? "" : percent + " %";
  }

  /** As in {@code FLOAT[1, ?, 28]}. */
  static String type(TensorSpec spec) {
    List<String> dimensions = new ArrayList<>();
    for (long dimension : spec.shape()) {
      dimensions.add(dimension == TensorSpec.DYNAMIC ? "?" : Long.toString(dimension));
    }
    String dtype = spec.dataType() == null ? "not a tensor" : spec.dataType().name();
    return dtype + "[" + String.join(", ", dimensions) + "]";
  }

  /** As in {@code Resize(height=28, width=28)}. */
  static String step(PreprocessStep step) {
    List<String> args = new ArrayList<>();
    step.args().forEach((key, value) -> args.add(key + "=" + value));
    return step.op() + "(" + String.join(", ", args) + ")";
  }
}

package io.modelcontrol.runtime.reference;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/** Typed reads from a model's JSON; anything but what is asked for rejects the model. */
final class ModelJson {
  private final JsonObject json;
  private final Set<String> known = new HashSet<>();

  ModelJson(JsonObject json) {
    this.json = json;
  }

  static McpException rejected(String reason) {
    return McpException.streamError(ErrorCode.MODEL_REJECTED, "reference model: " + reason);
  }

  String string(String key) {
    Object value = value(key);
    if (value instanceof String text) {
      return text;
    }
    throw rejected("'" + key + "' must be a string");
  }

  String stringOr(String key, String otherwise) {
    return value(key) == null ? otherwise : string(key);
  }

  int integer(String key, int lowest, int highest) {
    Object value = value(key);
    if (value instanceof Integer number && number >= lowest && number <= highest) {
      return number;
    }
    throw rejected("'" + key + "' must be a whole number from " + lowest + " to " + highest);
  }

  JsonArray array(String key) {
    Object value = value(key);
    if (value instanceof JsonArray array) {
      return array;
    }
    throw rejected("'" + key + "' must be an array");
  }

  /** Array of finite numbers. */
  static float[] floats(String what, Object value) {
    if (!(value instanceof JsonArray array)) {
      throw rejected(what + " must be an array of numbers");
    }
    float[] floats = new float[array.size()];
    for (int i = 0; i < floats.length; i++) {
      if (!(array.getValue(i) instanceof Number number) || !Float.isFinite(number.floatValue())) {
        throw rejected(what + " must hold finite numbers only");
      }
      floats[i] = number.floatValue();
    }
    return floats;
  }

  /** A tensor with the model's "dtype" and "shape". */
  TensorSpec spec(String name) {
    return new TensorSpec(name, dataType(), shape());
  }

  private DataType dataType() {
    String name = stringOr("dtype", DataType.FLOAT.name());
    try {
      return DataType.valueOf(name);
    } catch (IllegalArgumentException e) {
      throw rejected("unknown dtype '" + name + "'");
    }
  }

  private long[] shape() {
    if (value("shape") == null) {
      return new long[] {TensorSpec.DYNAMIC};
    }
    JsonArray array = array("shape");
    if (array.size() > Tensor.MAX_RANK) {
      throw rejected("'shape' has rank " + array.size() + ", at most " + Tensor.MAX_RANK);
    }
    long[] shape = new long[array.size()];
    for (int i = 0; i < shape.length; i++) {
      Object dimension = array.getValue(i);
      boolean whole = dimension instanceof Integer || dimension instanceof Long;
      shape[i] = whole ? ((Number) dimension).longValue() : Long.MIN_VALUE;
      if (shape[i] < TensorSpec.DYNAMIC) {
        throw rejected("'shape' must hold whole numbers from -1, got " + dimension);
      }
    }
    return shape;
  }

  /** Every key that nobody asked for is a mistake: a typing error would otherwise pass silently. */
  void refuseUnknownKeys() {
    for (String key : json.fieldNames()) {
      if (!known.contains(key)) {
        Object[] expected = known.stream().sorted().toArray();
        throw rejected("unknown key '" + key + "', expected " + Arrays.toString(expected));
      }
    }
  }

  private Object value(String key) {
    known.add(key);
    return json.getValue(key);
  }
}

package io.modelcontrol.cli;

import io.modelcontrol.DataType;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Tensors as JSON: nested arrays, {@code [[1, 2], [3, 4]]}, or an object that says what they are,
 * {@code {"dtype": "FLOAT", "shape": [2, 2], "data": [1, 2, 3, 4]}}, whose data may be flat or
 * nested.
 *
 * <p>Integers are written without a fraction, and must be within the range of their type; floats
 * that are no finite number are the strings "NaN", "Infinity" and "-Infinity"; bools are true and
 * false. Nothing is cast: a fraction is not an integer, a number is not a bool.
 */
public final class JsonTensors {
  private JsonTensors() {}

  /**
   * Reads a tensor.
   *
   * @param type its element type; {@code null} where the JSON is an object that tells
   * @throws McpException INVALID_ARGUMENT if the JSON is malformed, ragged, or has a value that the
   *     type cannot hold; UNSUPPORTED_DTYPE if JSON has no values for the type
   */
  public static Tensor parse(String name, DataType type, String json) {
    Object root = decode(json);
    return root instanceof JsonObject object
        ? fromObject(name, type, object)
        : fromNested(name, required(type), root);
  }

  /**
   * Reads a tensor for an input. A flat array is given the input's shape, where at most one of its
   * dimensions is dynamic and the number of elements allows it.
   *
   * @throws McpException as {@link #parse(String, DataType, String)}; also where shape or type is
   *     not what the input wants
   */
  public static Tensor parse(TensorSpec spec, String json) {
    Tensor given = parse(spec.name(), spec.dataType(), json);
    if (spec.acceptsShape(given.shape())) {
      return given;
    }
    long[] shape = given.rank() == 1 ? complete(spec.shape(), given.elements()) : null;
    if (shape == null) {
      throw BadInput.of("expected input " + spec + ", got " + given);
    }
    return given.reshaped(shape);
  }

  private static Object decode(String json) {
    try {
      return Json.decodeValue(json);
    } catch (DecodeException e) {
      throw BadInput.of("this is no valid JSON", e);
    }
  }

  private static DataType required(DataType type) {
    if (type == null) {
      throw BadInput.of("the JSON does not tell the dtype of its elements");
    }
    return type;
  }

  private static Tensor fromObject(String name, DataType type, JsonObject object) {
    for (String key : object.fieldNames()) {
      if (!List.of("name", "dtype", "shape", "data").contains(key)) {
        throw BadInput.of("unknown key '" + key + "', expected dtype, shape and data");
      }
    }
    DataType told = type(object, type);
    if (type != null && told != type) {
      throw BadInput.of("expected dtype " + type + ", got " + told);
    }
    Tensor given = fromNested(name, told, object.getValue("data"));
    if (!object.containsKey("shape")) {
      return given;
    }
    long[] shape = shape(object.getValue("shape"));
    if (Tensor.elements(name, shape) != given.elements()
        || (given.rank() > 1 && !Arrays.equals(shape, given.shape()))) {
      throw BadInput.of(
          "the data has shape "
              + Arrays.toString(given.shape())
              + ", 'shape' says "
              + Arrays.toString(shape));
    }
    return given.reshaped(shape);
  }

  private static DataType type(JsonObject object, DataType otherwise) {
    Object name = object.getValue("dtype");
    if (name == null) {
      return required(otherwise);
    }
    for (DataType type : DataType.values()) {
      if (type.name().equals(name)) {
        return type;
      }
    }
    throw BadInput.of("unknown dtype '" + name + "'");
  }

  private static long[] shape(Object value) {
    if (!(value instanceof JsonArray array) || array.size() > Tensor.MAX_RANK) {
      throw BadInput.of("'shape' must be an array of at most " + Tensor.MAX_RANK + " numbers");
    }
    long[] shape = new long[array.size()];
    for (int i = 0; i < shape.length; i++) {
      Object dimension = array.getValue(i);
      if (!(dimension instanceof Integer || dimension instanceof Long)) {
        throw BadInput.of("'shape' must hold whole numbers, got " + dimension);
      }
      shape[i] = ((Number) dimension).longValue();
    }
    return shape;
  }

  private static Tensor fromNested(String name, DataType type, Object root) {
    long[] shape = shapeOfNested(root);
    ElementWriter writer = new ElementWriter(type);
    fill(root, shape, 0, writer);
    return writer.toTensor(name, shape);
  }

  /** As the first element of each level tells; the others are compared while they are read. */
  private static long[] shapeOfNested(Object root) {
    List<Long> shape = new ArrayList<>();
    Object node = root;
    while (node instanceof JsonArray array) {
      if (shape.size() == Tensor.MAX_RANK) {
        throw BadInput.of("the data is nested deeper than " + Tensor.MAX_RANK);
      }
      shape.add((long) array.size());
      node = array.isEmpty() ? null : array.getValue(0);
    }
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  private static void fill(Object node, long[] shape, int depth, ElementWriter writer) {
    if (depth == shape.length) {
      if (node instanceof JsonArray) {
        throw ragged(depth);
      }
      writer.add(node);
      return;
    }
    if (!(node instanceof JsonArray array) || array.size() != shape[depth]) {
      throw ragged(depth);
    }
    for (int i = 0; i < array.size(); i++) {
      fill(array.getValue(i), shape, depth + 1, writer);
    }
  }

  private static McpException ragged(int depth) {
    return BadInput.of(
        "the data is ragged: not all its parts at depth " + depth + " have one shape");
  }

  /** The shape of an input that so many elements fill, or {@code null} if none does. */
  private static long[] complete(long[] shape, long elements) {
    int dynamic = -1;
    long known = 1;
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] != TensorSpec.DYNAMIC) {
        known *= shape[i];
      } else if (dynamic < 0) {
        dynamic = i;
      } else {
        return null;
      }
    }
    if (dynamic < 0) {
      return known == elements ? shape : null;
    }
    if (known <= 0 || elements % known != 0) {
      return null;
    }
    shape[dynamic] = elements / known;
    return shape;
  }

  /**
   * The elements as nested arrays; a scalar as a plain value.
   *
   * @throws McpException UNSUPPORTED_DTYPE if JSON has no values for the type
   */
  public static Object toNested(Tensor tensor) {
    return nested(new ElementReader(tensor), tensor.shape(), 0);
  }

  private static Object nested(ElementReader elements, long[] shape, int depth) {
    if (depth == shape.length) {
      return elements.next();
    }
    JsonArray array = new JsonArray();
    for (long i = 0; i < shape[depth]; i++) {
      array.add(nested(elements, shape, depth + 1));
    }
    return array;
  }

  /**
   * The tensor as an object with name, dtype, shape and flat data. Types that JSON has no values
   * for carry {@code base64}, their bytes in the wire's layout, instead of data.
   */
  public static JsonObject toObject(Tensor tensor) {
    JsonArray shape = new JsonArray();
    for (long dimension : tensor.shape()) {
      shape.add(dimension);
    }
    JsonObject object =
        new JsonObject()
            .put("name", tensor.name())
            .put("dtype", tensor.dataType().name())
            .put("shape", shape);
    return ElementReader.canRead(tensor.dataType())
        ? object.put("data", nested(new ElementReader(tensor), new long[] {tensor.elements()}, 0))
        : object.put("base64", tensor.toByteArray());
  }
}

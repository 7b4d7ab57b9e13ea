package io.modelcontrol.runtime.onnx;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.modelcontrol.TensorSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The inputs and outputs that a model's file declares. Read from the file, because the Java binding
 * tells neither a scalar from a tensor of unknown rank nor one 4-bit type from another, and throws
 * where an optional is at the edge. Only what ONNX Runtime has loaded is read here.
 *
 * <p>Field numbers are those of ONNX's schema; everything else is skipped, weights unread.
 */
final class GraphEdges {
  private static final int MODEL_GRAPH = 7;
  private static final int GRAPH_INPUT = 11;
  private static final int GRAPH_OUTPUT = 12;
  private static final int VALUE_NAME = 1;
  private static final int VALUE_TYPE = 2;
  private static final int TYPE_TENSOR = 1;
  private static final int TYPE_OPTIONAL = 9;
  private static final int OPTIONAL_TYPE = 1;
  private static final int TENSOR_ELEMENT = 1;
  private static final int TENSOR_SHAPE = 2;
  private static final int SHAPE_DIMENSION = 1;
  private static final int DIMENSION_VALUE = 1;

  /** The other members of TypeProto's oneof. */
  private static final Map<Integer, String> KINDS =
      Map.of(4, "sequence", 5, "map", 7, "opaque value", 8, "sparse tensor");

  private final Map<String, Edge> inputs = new HashMap<>();
  private final Map<String, Edge> outputs = new HashMap<>();

  private GraphEdges() {}

  static GraphEdges read(Path content) throws IOException {
    GraphEdges edges = new GraphEdges();
    try (InputStream in = Files.newInputStream(content)) {
      each(
          CodedInputStream.newInstance(in),
          (field, model) ->
              field == MODEL_GRAPH && nested(model, graph -> each(graph, edges::readEdge)));
    }
    return edges;
  }

  /** The declared input; {@code null} where the file declares none of that name with a type. */
  Edge input(String name) {
    return inputs.get(name);
  }

  /** The declared output; {@code null} where the file declares none of that name with a type. */
  Edge output(String name) {
    return outputs.get(name);
  }

  private boolean readEdge(int field, CodedInputStream graph) throws IOException {
    if (field != GRAPH_INPUT && field != GRAPH_OUTPUT) {
      return false;
    }
    ValueInfo info = new ValueInfo();
    nested(graph, value -> each(value, info::read));
    if (info.kind != null) {
      (field == GRAPH_INPUT ? inputs : outputs).put(info.name, info.toEdge());
    }
    return true;
  }

  /** What one ValueInfoProto says, while it is read. */
  private static final class ValueInfo {
    private String name = "";
    private String kind;
    private int typeCode;
    private long[] shape;

    boolean read(int field, CodedInputStream value) throws IOException {
      if (field == VALUE_NAME) {
        name = value.readString();
        return true;
      }
      return field == VALUE_TYPE && nested(value, type -> each(type, this::readType));
    }

    private boolean readType(int field, CodedInputStream type) throws IOException {
      if (field == TYPE_TENSOR) {
        kind = Edge.TENSOR;
        return nested(type, tensor -> each(tensor, this::readTensor));
      }
      if (field == TYPE_OPTIONAL) {
        // An optional tensor that is there is a tensor; ONNX Runtime takes and gives it as one.
        return nested(type, optional -> each(optional, this::readOptional));
      }
      kind = KINDS.getOrDefault(field, kind);
      return false;
    }

    private boolean readOptional(int field, CodedInputStream optional) throws IOException {
      return field == OPTIONAL_TYPE && nested(optional, type -> each(type, this::readOptionalType));
    }

    private boolean readOptionalType(int field, CodedInputStream type) throws IOException {
      boolean read = readType(field, type);
      kind = kind == null || kind.equals(Edge.TENSOR) ? kind : "optional " + kind;
      return read;
    }

    private boolean readTensor(int field, CodedInputStream tensor) throws IOException {
      if (field == TENSOR_ELEMENT) {
        typeCode = tensor.readInt32();
        return true;
      }
      if (field != TENSOR_SHAPE) {
        return false;
      }
      shape = shape == null ? new long[0] : shape;
      return nested(tensor, dimensions -> each(dimensions, this::readDimension));
    }

    private boolean readDimension(int field, CodedInputStream dimensions) throws IOException {
      if (field != SHAPE_DIMENSION) {
        return false;
      }
      shape = Arrays.copyOf(shape, shape.length + 1);
      shape[shape.length - 1] = TensorSpec.DYNAMIC;
      return nested(dimensions, dimension -> each(dimension, this::readDimensionValue));
    }

    private boolean readDimensionValue(int field, CodedInputStream dimension) throws IOException {
      if (field != DIMENSION_VALUE) {
        return false;
      }
      shape[shape.length - 1] = Math.max(TensorSpec.DYNAMIC, dimension.readInt64());
      return true;
    }

    Edge toEdge() {
      return kind.equals(Edge.TENSOR)
          ? Edge.tensor(name, typeCode, shape == null ? new long[0] : shape, shape != null)
          : Edge.other(name, kind);
    }
  }

  /** Takes one field, or leaves it unread and returns false. */
  private interface FieldReader {
    boolean read(int field, CodedInputStream in) throws IOException;
  }

  private interface MessageReader {
    void read(CodedInputStream in) throws IOException;
  }

  private static void each(CodedInputStream in, FieldReader reader) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (!reader.read(WireFormat.getTagFieldNumber(tag), in)) {
        in.skipField(tag);
      }
    }
  }

  private static boolean nested(CodedInputStream in, MessageReader reader) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    reader.read(in);
    in.popLimit(outer);
    return true;
  }
}

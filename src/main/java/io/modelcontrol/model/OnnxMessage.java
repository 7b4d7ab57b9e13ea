package io.modelcontrol.model;

import static io.modelcontrol.model.OnnxMessage.Kind.FIXED32;
import static io.modelcontrol.model.OnnxMessage.Kind.FIXED64;
import static io.modelcontrol.model.OnnxMessage.Kind.LENGTH;
import static io.modelcontrol.model.OnnxMessage.Kind.MESSAGE;
import static io.modelcontrol.model.OnnxMessage.Kind.VARINT;

import java.util.EnumMap;
import java.util.Map;

/**
 * The messages of ONNX's schema through which a tensor or an operator can be reached, with all
 * their fields. What is not listed here is refused: a field that this scanner does not know may
 * mean something to a later loader.
 */
@SuppressWarnings("ImmutableEnumChecker")
enum OnnxMessage {
  MODEL("ModelProto"),
  TRAINING_INFO("TrainingInfoProto"),
  FUNCTION("FunctionProto"),
  GRAPH("GraphProto"),
  NODE("NodeProto"),
  ATTRIBUTE("AttributeProto"),
  TENSOR("TensorProto"),
  SPARSE_TENSOR("SparseTensorProto");

  /** How a field is encoded, and what the walk does with it. */
  enum Kind {
    /** A number. */
    VARINT(0),
    FIXED64(1),
    /** Bytes, a string, or a message that cannot hold a tensor: skipped by its length. */
    LENGTH(2),
    /** A message that is walked through. */
    MESSAGE(2),
    FIXED32(5);

    final int wireType;

    Kind(int wireType) {
      this.wireType = wireType;
    }
  }

  /** One field of a message; {@code message} is set where the kind is MESSAGE. */
  record Field(int number, String name, Kind kind, boolean repeated, OnnxMessage message) {
    /** Repeated numbers come one by one or packed into one length-delimited piece. */
    boolean isPacked(int wireType) {
      return repeated && wireType == LENGTH.wireType && kind.wireType != LENGTH.wireType;
    }
  }

  /** The highest field number of the schema. */
  private static final int MAX_FIELD = 26;

  static final int GRAPH_NODE = 1;
  static final int GRAPH_INITIALIZER = 5;
  static final int GRAPH_SPARSE_INITIALIZER = 15;
  static final int MODEL_GRAPH = 7;
  static final int FUNCTION_NAME = 1;
  static final int FUNCTION_NODE = 7;
  static final int FUNCTION_DOMAIN = 10;
  static final int FUNCTION_OVERLOAD = 13;
  static final int NODE_OP_TYPE = 4;
  static final int NODE_DOMAIN = 7;
  static final int NODE_OVERLOAD = 8;
  static final int ATTRIBUTE_NAME = 1;
  static final int ATTRIBUTE_S = 4;
  static final int ATTRIBUTE_STRINGS = 9;
  static final int TENSOR_DIMS = 1;
  static final int TENSOR_DATA_TYPE = 2;
  static final int TENSOR_SEGMENT = 3;
  static final int TENSOR_FLOAT_DATA = 4;
  static final int TENSOR_INT32_DATA = 5;
  static final int TENSOR_STRING_DATA = 6;
  static final int TENSOR_INT64_DATA = 7;
  static final int TENSOR_NAME = 8;
  static final int TENSOR_RAW_DATA = 9;
  static final int TENSOR_DOUBLE_DATA = 10;
  static final int TENSOR_UINT64_DATA = 11;
  static final int TENSOR_EXTERNAL_DATA = 13;
  static final int TENSOR_DATA_LOCATION = 14;
  static final int SPARSE_VALUES = 1;
  static final int SPARSE_DIMS = 3;

  private static final Map<OnnxMessage, Field[]> FIELDS = new EnumMap<>(OnnxMessage.class);

  private final String protoName;

  OnnxMessage(String protoName) {
    this.protoName = protoName;
  }

  static {
    for (OnnxMessage message : values()) {
      FIELDS.put(message, new Field[MAX_FIELD + 1]);
    }

    MODEL.one(1, "ir_version", VARINT).one(2, "producer_name", LENGTH);
    MODEL.one(3, "producer_version", LENGTH).one(4, "domain", LENGTH);
    MODEL.one(5, "model_version", VARINT).one(6, "doc_string", LENGTH);
    MODEL.one(MODEL_GRAPH, "graph", GRAPH).many(8, "opset_import", LENGTH);
    MODEL.many(14, "metadata_props", LENGTH).many(20, "training_info", TRAINING_INFO);
    MODEL.many(25, "functions", FUNCTION).many(26, "configuration", LENGTH);

    TRAINING_INFO.one(1, "initialization", GRAPH).one(2, "algorithm", GRAPH);
    TRAINING_INFO.many(3, "initialization_binding", LENGTH).many(4, "update_binding", LENGTH);

    FUNCTION.one(FUNCTION_NAME, "name", LENGTH).many(4, "input", LENGTH);
    FUNCTION.many(5, "output", LENGTH).many(6, "attribute", LENGTH);
    FUNCTION.many(FUNCTION_NODE, "node", NODE).one(8, "doc_string", LENGTH);
    FUNCTION.many(9, "opset_import", LENGTH).one(FUNCTION_DOMAIN, "domain", LENGTH);
    FUNCTION.many(11, "attribute_proto", ATTRIBUTE).many(12, "value_info", LENGTH);
    FUNCTION.one(FUNCTION_OVERLOAD, "overload", LENGTH).many(14, "metadata_props", LENGTH);

    GRAPH.many(GRAPH_NODE, "node", NODE).one(2, "name", LENGTH);
    GRAPH.many(GRAPH_INITIALIZER, "initializer", TENSOR).one(10, "doc_string", LENGTH);
    GRAPH.many(11, "input", LENGTH).many(12, "output", LENGTH).many(13, "value_info", LENGTH);
    GRAPH.many(14, "quantization_annotation", LENGTH);
    GRAPH.many(GRAPH_SPARSE_INITIALIZER, "sparse_initializer", SPARSE_TENSOR);
    GRAPH.many(16, "metadata_props", LENGTH);

    NODE.many(1, "input", LENGTH).many(2, "output", LENGTH).one(3, "name", LENGTH);
    NODE.one(NODE_OP_TYPE, "op_type", LENGTH).many(5, "attribute", ATTRIBUTE);
    NODE.one(6, "doc_string", LENGTH).one(NODE_DOMAIN, "domain", LENGTH);
    NODE.one(NODE_OVERLOAD, "overload", LENGTH).many(9, "metadata_props", LENGTH);
    NODE.many(10, "device_configurations", LENGTH);

    ATTRIBUTE.one(ATTRIBUTE_NAME, "name", LENGTH).one(2, "f", FIXED32).one(3, "i", VARINT);
    ATTRIBUTE.one(ATTRIBUTE_S, "s", LENGTH).one(5, "t", TENSOR).one(6, "g", GRAPH);
    ATTRIBUTE.many(7, "floats", FIXED32).many(8, "ints", VARINT);
    ATTRIBUTE.many(ATTRIBUTE_STRINGS, "strings", LENGTH).many(10, "tensors", TENSOR);
    ATTRIBUTE.many(11, "graphs", GRAPH).one(13, "doc_string", LENGTH).one(14, "tp", LENGTH);
    ATTRIBUTE.many(15, "type_protos", LENGTH).one(20, "type", VARINT);
    ATTRIBUTE.one(21, "ref_attr_name", LENGTH).one(22, "sparse_tensor", SPARSE_TENSOR);
    ATTRIBUTE.many(23, "sparse_tensors", SPARSE_TENSOR);

    TENSOR.many(TENSOR_DIMS, "dims", VARINT).one(TENSOR_DATA_TYPE, "data_type", VARINT);
    TENSOR.one(TENSOR_SEGMENT, "segment", LENGTH);
    TENSOR.many(TENSOR_FLOAT_DATA, "float_data", FIXED32);
    TENSOR.many(TENSOR_INT32_DATA, "int32_data", VARINT);
    TENSOR.many(TENSOR_STRING_DATA, "string_data", LENGTH);
    TENSOR.many(TENSOR_INT64_DATA, "int64_data", VARINT).one(TENSOR_NAME, "name", LENGTH);
    TENSOR.one(TENSOR_RAW_DATA, "raw_data", LENGTH);
    TENSOR.many(TENSOR_DOUBLE_DATA, "double_data", FIXED64);
    TENSOR.many(TENSOR_UINT64_DATA, "uint64_data", VARINT).one(12, "doc_string", LENGTH);
    TENSOR.many(TENSOR_EXTERNAL_DATA, "external_data", LENGTH);
    // Singular, but taken as repeated: EXTERNAL must be seen whichever occurrence says it.
    TENSOR.many(TENSOR_DATA_LOCATION, "data_location", VARINT);
    TENSOR.many(16, "metadata_props", LENGTH);

    SPARSE_TENSOR.one(SPARSE_VALUES, "values", TENSOR).one(2, "indices", TENSOR);
    SPARSE_TENSOR.many(SPARSE_DIMS, "dims", VARINT);
  }

  private OnnxMessage one(int number, String name, Kind kind) {
    FIELDS.get(this)[number] = new Field(number, name, kind, false, null);
    return this;
  }

  private OnnxMessage many(int number, String name, Kind kind) {
    FIELDS.get(this)[number] = new Field(number, name, kind, true, null);
    return this;
  }

  private OnnxMessage one(int number, String name, OnnxMessage message) {
    FIELDS.get(this)[number] = new Field(number, name, MESSAGE, false, message);
    return this;
  }

  private OnnxMessage many(int number, String name, OnnxMessage message) {
    FIELDS.get(this)[number] = new Field(number, name, MESSAGE, true, message);
    return this;
  }

  /** The fields by number, {@code null} where the schema has none; not to be changed. */
  Field[] fields() {
    return FIELDS.get(this);
  }

  @Override
  public String toString() {
    return protoName;
  }
}

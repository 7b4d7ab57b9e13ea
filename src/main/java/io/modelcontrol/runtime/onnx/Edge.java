package io.modelcontrol.runtime.onnx;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.TensorSpec;

/**
 * An input or an output of a graph, as the model declares it.
 *
 * @param spec what a descriptor says of it
 * @param kind what it is: "tensor", "sequence", "map", "optional", ...
 * @param typeCode ONNX's code of the element type of a tensor, 0 where none is declared
 * @param rankKnown whether the shape of a tensor is declared; without, any shape fits
 */
record Edge(TensorSpec spec, String kind, int typeCode, boolean rankKnown) {
  static final String TENSOR = "tensor";

  String name() {
    return spec.name();
  }

  boolean isTensor() {
    return kind.equals(TENSOR);
  }

  /**
   * Checks that tensors can be passed through this edge.
   *
   * @param role "input" or "output"
   * @throws McpException UNSUPPORTED_DTYPE
   */
  void requireCarried(String role) {
    if (!isTensor()) {
      throw unsupported(role, kind + ", which no tensor can carry");
    }
    if (ElementTypes.toOnnx(spec.dataType()) == null) {
      String type = spec.dataType() == null ? "of type " + typeCode : spec.dataType().name();
      throw unsupported(role, type + ", which this runtime cannot pass at the edge of a model");
    }
  }

  private McpException unsupported(String role, String what) {
    return McpException.streamError(
        ErrorCode.UNSUPPORTED_DTYPE,
        role + " " + Reason.quoted(name()) + " is " + article(what) + what);
  }

  private static String article(String what) {
    if (what.startsWith("of ")) {
      return "";
    }
    return "aeioAEIO".indexOf(what.charAt(0)) >= 0 ? "an " : "a ";
  }

  static Edge tensor(String name, int typeCode, long[] shape, boolean rankKnown) {
    return new Edge(
        new TensorSpec(name, DataType.of(typeCode), shape), TENSOR, typeCode, rankKnown);
  }

  static Edge other(String name, String kind) {
    return new Edge(new TensorSpec(name, null, new long[0]), kind, 0, false);
  }
}

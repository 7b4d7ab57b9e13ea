package io.modelcontrol.model;

import java.util.Set;

/**
 * Which operators a model may use: ONNX's own, the runtime's contributed ones but for those that
 * name foreign content, and the functions that the model defines itself.
 */
final class OnnxOperators {
  /** What identifies an operator or a function; names are compared whole and exactly. */
  record Operator(String domain, String name, String overload) {
    @Override
    public String toString() {
      return OnnxRejection.quote(name) + " of domain " + OnnxRejection.quote(domain);
    }
  }

  private static final Set<String> STANDARD =
      Set.of(
          "",
          "ai.onnx",
          "ai.onnx.ml",
          "ai.onnx.preview",
          "ai.onnx.preview.training",
          "ai.onnx.training");

  private static final String CONTRIBUTED = "com.microsoft";

  /** Contributed operators that load or call what the model does not contain. */
  private static final Set<String> FOREIGN_CONTENT =
      Set.of("EPContext", "PythonOp", "PythonOpGrad", "ATen", "ATenOp", "Snpe", "TritonOp");

  private OnnxOperators() {}

  /** Refuses what a model may not use even where it defines a function of that name. */
  static void check(Operator operator) {
    if (FOREIGN_CONTENT.contains(operator.name) && !STANDARD.contains(operator.domain)) {
      throw OnnxRejection.OP_DOMAIN.because(
          "operator " + operator + " refers to content outside of the model");
    }
  }

  /** Whether the model has to define the operator as a function, because nobody else does. */
  static boolean isForeign(Operator operator) {
    return !STANDARD.contains(operator.domain) && !operator.domain.equals(CONTRIBUTED);
  }
}

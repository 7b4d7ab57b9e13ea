package io.modelcontrol.model;

import java.util.HashSet;
import java.util.Set;

/**
 * Which operators a model may use: ONNX's own, the runtime's contributed ones but for those that
 * name foreign content, and the functions that the model defines itself.
 */
final class OnnxOperators {
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

  /** No model needs more; a longer list only costs memory until the end of the walk. */
  private static final int MAX_NAMES = 10_000;

  private record Operator(String domain, String name) {
    @Override
    public String toString() {
      return OnnxRejection.quote(name) + " of domain " + OnnxRejection.quote(domain);
    }
  }

  private final Set<Operator> used = new HashSet<>();
  private final Set<Operator> defined = new HashSet<>();

  /** A node uses an operator. Functions may be defined behind their use: see {@link #complete}. */
  void use(String domain, String name) {
    Operator operator = new Operator(domain, name);
    if (FOREIGN_CONTENT.contains(name) && !STANDARD.contains(domain)) {
      throw OnnxRejection.OP_DOMAIN.because(
          "operator " + operator + " refers to content outside of the model");
    }
    if (!STANDARD.contains(domain) && !domain.equals(CONTRIBUTED)) {
      add(used, operator);
    }
  }

  /** The model defines a function. */
  void define(String domain, String name) {
    add(defined, new Operator(domain, name));
  }

  /** The model is complete: what it used and nobody defined is refused. */
  void complete() {
    for (Operator operator : used) {
      if (!defined.contains(operator)) {
        throw OnnxRejection.OP_DOMAIN.because(
            "operator " + operator + " is neither ONNX's nor a function of the model");
      }
    }
  }

  private static void add(Set<Operator> names, Operator operator) {
    names.add(operator);
    if (names.size() > MAX_NAMES) {
      throw OnnxRejection.COUNT.because("more than " + MAX_NAMES + " functions");
    }
  }
}

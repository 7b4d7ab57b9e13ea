package io.modelcontrol.runtime.onnx;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Checks a request against what the model declares, before ONNX Runtime is called. */
final class RequestCheck {
  /** Names that a message lists; a model may have thousands. */
  private static final int MAX_LISTED = 8;

  private final Map<String, Edge> inputs;
  private final Map<String, Edge> outputs;

  /** Both in the model's order. */
  RequestCheck(Map<String, Edge> inputs, Map<String, Edge> outputs) {
    this.inputs = inputs;
    this.outputs = outputs;
  }

  List<TensorSpec> inputSpecs() {
    return specs(inputs.values());
  }

  List<TensorSpec> outputSpecs() {
    return specs(outputs.values());
  }

  private static List<TensorSpec> specs(Collection<Edge> edges) {
    return edges.stream().map(Edge::spec).toList();
  }

  /**
   * Checks names, types, ranks and fixed dimensions.
   *
   * @throws McpException INVALID_TENSOR, or UNSUPPORTED_DTYPE where the model has an input that no
   *     request can bring
   */
  void checkInputs(List<Tensor> tensors) {
    checkStep(tensors, Set.of());
  }

  /** As {@link #checkInputs}, for a step whose state inputs are not given. */
  void checkStep(List<Tensor> tensors, Set<String> stateInputs) {
    Set<String> given = new HashSet<>(stateInputs);
    for (Tensor tensor : tensors) {
      if (stateInputs.contains(tensor.name())) {
        throw invalid(
            "input "
                + Reason.quoted(tensor.name())
                + " is the sequence's state, which is not sent");
      }
      Edge edge = inputs.get(tensor.name());
      if (edge == null) {
        throw invalid(
            "the model has no input " + Reason.quoted(tensor.name()) + ", " + listed(inputs));
      }
      if (!given.add(tensor.name())) {
        throw invalid("input " + Reason.quoted(tensor.name()) + " is given twice");
      }
      checkInput(edge, tensor);
    }
    for (Edge edge : inputs.values()) {
      if (!given.contains(edge.name())) {
        edge.requireCarried("input");
        throw invalid("input " + Reason.quoted(edge.name()) + " is missing, " + expected(edge));
      }
    }
  }

  private static void checkInput(Edge edge, Tensor tensor) {
    edge.requireCarried("input");
    boolean typeFits = tensor.dataType() == edge.spec().dataType();
    boolean shapeFits = !edge.rankKnown() || edge.spec().acceptsShape(tensor.shape());
    if (!typeFits || !shapeFits) {
      throw invalid(
          "input "
              + Reason.quoted(edge.name())
              + " is "
              + tensor.dataType()
              + Arrays.toString(tensor.shape())
              + ", "
              + expected(edge));
    }
  }

  private static String expected(Edge edge) {
    String shape = edge.rankKnown() ? Arrays.toString(edge.spec().shape()) : " of any shape";
    boolean dynamic = Arrays.stream(edge.spec().shape()).anyMatch(d -> d == TensorSpec.DYNAMIC);
    DataType type = edge.spec().dataType();
    return "expected " + type + shape + (dynamic ? " (-1: any)" : "");
  }

  /**
   * The outputs that a run computes, in the order in which they are returned.
   *
   * @param requested empty for all
   * @throws McpException INVALID_ARGUMENT if one does not exist or is asked for twice;
   *     UNSUPPORTED_DTYPE if one cannot be carried
   */
  Set<String> outputsToCompute(List<String> requested) {
    Set<String> names = new LinkedHashSet<>(requested.isEmpty() ? outputs.keySet() : requested);
    if (names.size() < requested.size()) {
      throw argument("an output is requested twice");
    }
    for (String name : names) {
      Edge edge = outputs.get(name);
      if (edge == null) {
        throw argument("the model has no output " + Reason.quoted(name) + ", " + listed(outputs));
      }
      edge.requireCarried("output");
    }
    return names;
  }

  /** As {@link #outputsToCompute}, for a step whose state outputs are not returned. */
  Set<String> stepOutputs(List<String> requested, Set<String> stateOutputs) {
    for (String name : requested) {
      if (stateOutputs.contains(name)) {
        throw argument(
            "output " + Reason.quoted(name) + " is the sequence's state, which is not returned");
      }
    }
    if (!requested.isEmpty()) {
      return outputsToCompute(requested);
    }
    List<String> plain = new ArrayList<>(outputs.keySet());
    plain.removeAll(stateOutputs);
    return plain.isEmpty() ? Set.of() : outputsToCompute(plain);
  }

  private static String listed(Map<String, Edge> edges) {
    String names =
        edges.keySet().stream()
            .limit(MAX_LISTED)
            .map(Reason::quoted)
            .collect(Collectors.joining(", "));
    return edges.isEmpty()
        ? "it has none"
        : "it has "
            + names
            + (edges.size() > MAX_LISTED ? " and " + (edges.size() - MAX_LISTED) + " more" : "");
  }

  private static McpException invalid(String text) {
    return McpException.streamError(ErrorCode.INVALID_TENSOR, text);
  }

  private static McpException argument(String text) {
    return McpException.streamError(ErrorCode.INVALID_ARGUMENT, text);
  }
}

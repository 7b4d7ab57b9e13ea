package io.modelcontrol.model;

import io.modelcontrol.model.OnnxOperators.Operator;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * Who calls which function. Runtimes replace a call by the function's nodes, so that functions
 * which call each other ten times each grow like powers of ten: a model is judged by the nodes that
 * it has then.
 */
final class OnnxFunctions {
  /** The nodes of one function, or those outside of all functions. */
  static final class Body {
    private final Map<Operator, Integer> nodes = new HashMap<>();

    void add(Operator operator) {
      nodes.merge(operator, 1, Integer::sum);
    }
  }

  private static final long IN_PROGRESS = -1;

  private final Body main = new Body();
  private final Map<Operator, Body> functions = new HashMap<>();
  private final Map<Operator, Long> sizes = new HashMap<>();

  /** The body of what is outside of all functions. */
  Body main() {
    return main;
  }

  void define(Operator function, Body body) {
    if (functions.putIfAbsent(function, body) != null) {
      throw OnnxRejection.PARSE.because("function " + function + " is defined twice");
    }
  }

  /** The model is complete: checks all calls and the nodes that they come to. */
  void complete(long maxNodes) {
    checkCalls(main);
    for (Map.Entry<Operator, Body> function : functions.entrySet()) {
      checkCalls(function.getValue());
      measure(function.getKey());
    }
    if (sizeOf(main) > maxNodes) {
      throw OnnxRejection.COUNT.because(
          "more than " + maxNodes + " nodes once functions are expanded");
    }
  }

  private void checkCalls(Body body) {
    for (Operator operator : body.nodes.keySet()) {
      if (OnnxOperators.isForeign(operator) && !functions.containsKey(operator)) {
        throw OnnxRejection.OP_DOMAIN.because(
            "operator " + operator + " is neither ONNX's nor a function of the model");
      }
    }
  }

  /** Finds the size of a function after those of all that it calls, without recursion. */
  private void measure(Operator function) {
    Deque<Operator> pending = new ArrayDeque<>();
    pending.push(function);
    while (!pending.isEmpty()) {
      Operator next = pending.peek();
      Long size = sizes.get(next);
      if (size == null) {
        sizes.put(next, IN_PROGRESS);
        pushCalled(next, pending);
      } else {
        pending.pop();
        if (size == IN_PROGRESS) {
          sizes.put(next, sizeOf(functions.get(next)));
        }
      }
    }
  }

  private void pushCalled(Operator caller, Deque<Operator> pending) {
    for (Operator called : functions.get(caller).nodes.keySet()) {
      Long size = sizes.get(called);
      if (size != null && size == IN_PROGRESS) {
        throw OnnxRejection.COUNT.because("function " + called + " calls itself");
      }
      if (size == null && functions.containsKey(called)) {
        pending.push(called);
      }
    }
  }

  /** Nodes of a body whose calls are all measured; saturates instead of overflowing. */
  private long sizeOf(Body body) {
    long total = 0;
    for (Map.Entry<Operator, Integer> node : body.nodes.entrySet()) {
      long each = sizes.getOrDefault(node.getKey(), 1L);
      total += Math.min(Integer.MAX_VALUE, each) * node.getValue();
      total = Math.min(total, Integer.MAX_VALUE);
    }
    return total;
  }
}

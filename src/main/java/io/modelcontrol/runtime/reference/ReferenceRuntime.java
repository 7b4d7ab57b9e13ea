package io.modelcontrol.runtime.reference;

import io.modelcontrol.runtime.LoadedModel;
import io.modelcontrol.runtime.ModelRuntime;
import io.modelcontrol.runtime.RuntimeSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Runs models that are a line of JSON, in plain Java: tests and newcomers need no native code.
 *
 * <table>
 *   <caption>Models</caption>
 *   <tr><td>{@code {"op": "identity"}}</td><td>{@code input} to {@code output}, without a copy</td></tr>
 *   <tr><td>{@code {"op": "add"}}</td><td>{@code a}, {@code b} to {@code sum}; FLOAT, DOUBLE, INT32
 *     or INT64, both of one shape</td></tr>
 *   <tr><td>{@code {"op": "mlp", "layers": [{"weights": [[1, 2], [3, 4], [5, 6]], "bias": [0, 0, 1],
 *     "activation": "relu"}]}}</td><td>{@code input} FLOAT [N, in] to {@code output} FLOAT [N, out];
 *     {@code weights} has a row for each output; {@code activation} is none (default), relu or
 *     softmax</td></tr>
 *   <tr><td>{@code {"op": "delay", "ms": 50}}</td><td>identity, after so long; ends early when the run
 *     does; at most a minute</td></tr>
 *   <tr><td>{@code {"op": "fail", "message": "..."}}</td><td>identity that always fails</td></tr>
 * </table>
 *
 * <p>All but mlp take {@code "dtype"} (default FLOAT) and {@code "shape"} (default {@code [-1]}).
 */
public final class ReferenceRuntime implements ModelRuntime {
  /** The name of this runtime in load requests and descriptors. */
  public static final String NAME = "reference";

  private static final List<String> OPERATIONS = List.of("identity", "add", "mlp", "delay", "fail");

  @Override
  public String name() {
    return NAME;
  }

  /** Content whose first byte that is not blank opens a JSON object. */
  @Override
  public boolean recognizes(byte[] head) {
    for (byte next : head) {
      if (next != ' ' && next != '\t' && next != '\r' && next != '\n') {
        return next == '{';
      }
    }
    return false;
  }

  /** All operations are code of this package, which ends. */
  @Override
  public boolean activates() {
    return false;
  }

  @Override
  public boolean startsThreads(Map<String, String> parameters, RuntimeSettings settings) {
    return false;
  }

  @Override
  public LoadedModel load(Path content, Map<String, String> parameters) {
    ModelJson model = new ModelJson(ModelFile.read(content));
    Operation operation = operation(model);
    model.refuseUnknownKeys();
    return new ReferenceModel(operation);
  }

  private static Operation operation(ModelJson model) {
    String op = model.string("op");
    return switch (op) {
      case "identity" -> new IdentityOperation(model);
      case "add" -> new AddOperation(model);
      case "mlp" -> new MlpOperation(model);
      case "delay" -> new DelayOperation(model);
      case "fail" -> new FailOperation(model);
      default ->
          throw ModelJson.rejected(
              "unknown op '" + op + "', expected " + String.join(", ", OPERATIONS));
    };
  }
}

package io.modelcontrol.runtime;

import io.modelcontrol.DataType;
import io.modelcontrol.McpException;
import io.modelcontrol.TensorSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where a language model takes tokens in and puts its logits out; positions and mask are {@code
 * null} where the model has none.
 *
 * @param tokens input {@code generate.tokens}, INT32 or INT64, [tokens] or [1, tokens]
 * @param positions input {@code generate.positions}, of the tokens' kind
 * @param mask input {@code generate.mask}, ones for past and present tokens
 * @param logits output {@code generate.logits}, FLOAT, the vocabulary in its last dimension
 * @param maxContext {@code generate.max-context}: tokens that the model can see, prompt included
 */
record GenerateSpec(
    TensorSpec tokens, TensorSpec positions, TensorSpec mask, TensorSpec logits, long maxContext) {
  static final String PREFIX = "generate.";
  private static final String TOKENS = PREFIX + "tokens";
  private static final String POSITIONS = PREFIX + "positions";
  private static final String MASK = PREFIX + "mask";
  private static final String LOGITS = PREFIX + "logits";
  private static final String MAX_CONTEXT = PREFIX + "max-context";
  private static final Set<String> KNOWN = Set.of(TOKENS, POSITIONS, MASK, LOGITS, MAX_CONTEXT);
  private static final Set<DataType> IDS = Set.of(DataType.INT32, DataType.INT64);
  private static final Set<DataType> MASKS =
      Set.of(DataType.INT32, DataType.INT64, DataType.FLOAT, DataType.BOOL);

  /**
   * Reads the declarations; {@code null} if there are none.
   *
   * @throws McpException INVALID_ARGUMENT that names the parameter
   */
  static GenerateSpec of(
      Map<String, String> parameters,
      Map<String, TensorSpec> inputs,
      Map<String, TensorSpec> outputs) {
    boolean declared = false;
    for (String key : parameters.keySet()) {
      if (key.startsWith(PREFIX) && !KNOWN.contains(key)) {
        throw StateSpec.invalid(
            key, "is unknown, expected one of " + KNOWN.stream().sorted().toList());
      }
      declared |= key.startsWith(PREFIX);
    }
    if (!declared) {
      return null;
    }
    return new GenerateSpec(
        ids(TOKENS, required(TOKENS, parameters), inputs),
        parameters.containsKey(POSITIONS)
            ? ids(POSITIONS, parameters.get(POSITIONS), inputs)
            : null,
        mask(parameters.get(MASK), inputs),
        logits(required(LOGITS, parameters), outputs),
        maxContext(parameters.get(MAX_CONTEXT)));
  }

  private static String required(String key, Map<String, String> parameters) {
    String name = parameters.get(key);
    if (name == null) {
      throw StateSpec.invalid(key, "is missing, other " + PREFIX + "* parameters need it");
    }
    return name;
  }

  private static TensorSpec known(String key, String name, Map<String, TensorSpec> specs) {
    TensorSpec spec = specs.get(name);
    if (spec == null) {
      throw StateSpec.invalid(key, "names '" + name + "', which the model does not have");
    }
    return spec;
  }

  private static TensorSpec ids(String key, String name, Map<String, TensorSpec> inputs) {
    TensorSpec spec = known(key, name, inputs);
    if (spec.dataType() == null || !IDS.contains(spec.dataType()) || !isRow(spec)) {
      throw StateSpec.invalid(key, "names " + spec + ", expected INT32 or INT64 [n] or [1, n]");
    }
    return spec;
  }

  private static TensorSpec mask(String nameOrNull, Map<String, TensorSpec> inputs) {
    if (nameOrNull == null) {
      return null;
    }
    TensorSpec spec = known(MASK, nameOrNull, inputs);
    if (spec.dataType() == null || !MASKS.contains(spec.dataType()) || !isRow(spec)) {
      throw StateSpec.invalid(
          MASK, "names " + spec + ", expected INT32, INT64, FLOAT or BOOL [n] or [1, n]");
    }
    return spec;
  }

  private static boolean isRow(TensorSpec spec) {
    return spec.shape().length == 1 || spec.shape().length == 2;
  }

  private static TensorSpec logits(String name, Map<String, TensorSpec> outputs) {
    TensorSpec spec = known(LOGITS, name, outputs);
    if (spec.dataType() != DataType.FLOAT) {
      throw StateSpec.invalid(LOGITS, "names " + spec + ", expected FLOAT");
    }
    return spec;
  }

  private static long maxContext(String valueOrNull) {
    if (valueOrNull == null) {
      return Long.MAX_VALUE;
    }
    if (!valueOrNull.matches("[1-9][0-9]{0,8}")) {
      throw StateSpec.invalid(
          MAX_CONTEXT, "is '" + valueOrNull + "', expected 1 to 999999999 tokens");
    }
    return Long.parseLong(valueOrNull);
  }

  /** Every input that nobody fills would fail each generation: better the load. */
  void requireComplete(List<TensorSpec> inputs, Set<String> stateInputs) {
    Set<String> filled = new HashSet<>(stateInputs);
    filled.add(tokens.name());
    if (positions != null) {
      filled.add(positions.name());
    }
    if (mask != null) {
      filled.add(mask.name());
    }
    for (TensorSpec input : inputs) {
      if (!filled.contains(input.name())) {
        throw StateSpec.invalid(
            TOKENS, "makes the model generate, but nothing fills its input '" + input.name() + "'");
      }
    }
  }
}

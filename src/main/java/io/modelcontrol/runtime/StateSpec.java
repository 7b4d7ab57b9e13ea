package io.modelcontrol.runtime;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What of a model is state: outputs that are an input of the next step. Declared when the model is
 * loaded, by parameters that are checked against the model. In each name {@code *} may stand once.
 *
 * <table>
 *   <caption>Load parameters</caption>
 *   <tr><td>{@code state.OUT} = {@code IN}</td><td>output OUT feeds input IN</td></tr>
 *   <tr><td>{@code state-shape.IN} = {@code 2,1,128}</td><td>shape of the first state, which is
 *     zeros; without it the model's, with 1 for each dynamic dimension</td></tr>
 *   <tr><td>{@code state-axis.IN} = {@code 1}</td><td>the dimension along which the states of several
 *     sequences are joined; steps are batched only where each state has one</td></tr>
 * </table>
 */
public final class StateSpec {
  static final String STATE = "state.";
  static final String SHAPE = "state-shape.";
  static final String AXIS = "state-axis.";

  /** The axis of a state that cannot be joined with others. */
  static final int NO_AXIS = -1;

  /** The first state of one input, as many bytes at most. */
  private static final long MAX_FIRST_BYTES = 256L * 1024 * 1024;

  private final List<Link> links;
  private final GenerateSpec generate;

  private StateSpec(List<Link> links, GenerateSpec generateOrNull) {
    this.links = List.copyOf(links);
    this.generate = generateOrNull;
  }

  /**
   * One state: where it leaves the model, and where it enters the next step.
   *
   * @param output the output's name
   * @param input what the model declares of the input
   * @param firstShape the shape of the first state, whose elements are zero
   * @param axis the dimension along which states of several sequences are joined; -1 if none
   */
  public record Link(String output, TensorSpec input, long[] firstShape, int axis) {
    public Link {
      firstShape = firstShape.clone();
    }

    @Override
    public long[] firstShape() {
      return firstShape.clone();
    }

    /** The dimension that grows with each step: the only one that begins at 0; -1 if none does. */
    public int growingDimension() {
      int growing = -1;
      for (int i = 0; i < firstShape.length; i++) {
        if (firstShape[i] == 0) {
          growing = growing == -1 ? i : -2;
        }
      }
      return Math.max(growing, -1);
    }

    /** Bytes of the first state. */
    public int firstBytes() {
      return (int) input.dataType().byteLength(Tensor.elements(input.name(), firstShape));
    }
  }

  /**
   * Reads the declarations.
   *
   * @param parameters of the load request
   * @param inputs what the model declares
   * @param outputs what the model declares
   * @throws McpException INVALID_ARGUMENT that names the parameter
   */
  public static StateSpec of(
      Map<String, String> parameters, List<TensorSpec> inputs, List<TensorSpec> outputs) {
    Map<String, TensorSpec> inputsByName = byName(inputs);
    List<Link> links = new ArrayList<>();
    Set<String> linkedInputs = new HashSet<>();
    Set<String> linkedOutputs = new HashSet<>();
    for (Map.Entry<String, String> parameter : parameters.entrySet()) {
      if (parameter.getKey().startsWith(STATE)) {
        links.addAll(links(parameter, parameters, inputsByName, outputs));
      }
    }
    for (Link link : links) {
      if (!linkedInputs.add(link.input().name()) || !linkedOutputs.add(link.output())) {
        throw invalid(STATE + link.output(), "links an input or output that is linked already");
      }
    }
    requireUsed(parameters, links);
    GenerateSpec generate = GenerateSpec.of(parameters, inputsByName, byName(outputs));
    if (generate != null) {
      generate.requireComplete(inputs, linkedInputs);
    }
    return new StateSpec(links, generate);
  }

  private static Map<String, TensorSpec> byName(List<TensorSpec> specs) {
    Map<String, TensorSpec> byName = new HashMap<>();
    specs.forEach(spec -> byName.put(spec.name(), spec));
    return byName;
  }

  private static List<Link> links(
      Map.Entry<String, String> parameter,
      Map<String, String> parameters,
      Map<String, TensorSpec> inputs,
      List<TensorSpec> outputs) {
    String key = parameter.getKey();
    NamePattern from = NamePattern.of(key, key.substring(STATE.length()));
    NamePattern to = NamePattern.of(key, parameter.getValue());
    if (from.isWild() != to.isWild()) {
      throw invalid(key, "has * on one side only");
    }
    List<Link> links = new ArrayList<>();
    for (TensorSpec output : outputs) {
      Optional<String> star = from.match(output.name());
      if (star.isPresent()) {
        links.add(link(key, output, inputs.get(to.with(star.get())), parameters, to, star.get()));
      }
    }
    if (links.isEmpty()) {
      throw invalid(key, "names no output of the model, which has " + names(outputs));
    }
    return links;
  }

  private static Link link(
      String key,
      TensorSpec output,
      TensorSpec inputOrNull,
      Map<String, String> parameters,
      NamePattern to,
      String star) {
    if (inputOrNull == null) {
      throw invalid(key, "names input '" + to.with(star) + "', which the model does not have");
    }
    DataType type = inputOrNull.dataType();
    if (type == null || type != output.dataType() || !type.isFixedSize()) {
      throw invalid(key, "links " + output + " with " + inputOrNull + ", expected one type");
    }
    long[] first = firstShape(inputOrNull, parameters);
    return new Link(output.name(), inputOrNull, first, axis(inputOrNull, first, parameters));
  }

  private static int axis(TensorSpec input, long[] firstShape, Map<String, String> parameters) {
    String key = parameterOf(AXIS, input, parameters);
    if (key == null) {
      return NO_AXIS;
    }
    String value = parameters.get(key);
    int axis = value.matches("[0-9]{1,2}") ? Integer.parseInt(value) : Integer.MAX_VALUE;
    if (axis >= firstShape.length) {
      throw invalid(key, "is '" + value + "', expected a dimension of " + input);
    }
    boolean joins =
        firstShape[axis] == 1
            && (input.rank() < 0 || input.dimension(axis) == TensorSpec.DYNAMIC)
            && input.dataType().bits() >= Byte.SIZE;
    if (!joins) {
      throw invalid(key, "names no dynamic dimension of " + input + " that begins as 1");
    }
    return axis;
  }

  /** The parameter of a kind that names an input; null if there is none. */
  private static String parameterOf(String kind, TensorSpec input, Map<String, String> parameters) {
    for (String key : parameters.keySet()) {
      if (key.startsWith(kind)
          && NamePattern.of(key, key.substring(kind.length())).match(input.name()).isPresent()) {
        return key;
      }
    }
    return null;
  }

  private static long[] firstShape(TensorSpec input, Map<String, String> parameters) {
    String key = parameterOf(SHAPE, input, parameters);
    if (key != null) {
      return bounded(key, givenShape(key, parameters.get(key), input), input);
    }
    long[] shape = Arrays.stream(input.shape()).map(d -> d == TensorSpec.DYNAMIC ? 1 : d).toArray();
    return bounded(SHAPE + input.name(), shape, input);
  }

  private static long[] givenShape(String key, String value, TensorSpec input) {
    if (!value.matches("[0-9]{1,9}(,[0-9]{1,9}){0,63}")) {
      throw invalid(key, "is '" + value + "', expected dimensions such as 2,1,128");
    }
    long[] shape = Arrays.stream(value.split(",", -1)).mapToLong(Long::parseLong).toArray();
    if (!input.acceptsShape(shape)) {
      throw invalid(key, "is " + Arrays.toString(shape) + ", but the input is " + input);
    }
    return shape;
  }

  private static long[] bounded(String key, long[] shape, TensorSpec input) {
    double bytes = input.dataType().bits() / (double) Byte.SIZE;
    for (long dimension : shape) {
      bytes *= dimension;
    }
    if (bytes > MAX_FIRST_BYTES) {
      throw invalid(key, "asks for more than " + MAX_FIRST_BYTES + " bytes");
    }
    return shape;
  }

  private static void requireUsed(Map<String, String> parameters, List<Link> links) {
    for (String key : parameters.keySet()) {
      String kind = key.startsWith(SHAPE) ? SHAPE : AXIS;
      if (key.startsWith(kind)) {
        NamePattern pattern = NamePattern.of(key, key.substring(kind.length()));
        if (links.stream().noneMatch(l -> pattern.match(l.input().name()).isPresent())) {
          throw invalid(key, "names no state input");
        }
      }
    }
  }

  static String names(List<TensorSpec> specs) {
    return specs.stream().limit(8).map(TensorSpec::name).toList().toString();
  }

  static McpException invalid(String parameter, String problem) {
    return McpException.streamError(
        ErrorCode.INVALID_ARGUMENT, "parameter " + parameter + " " + problem);
  }

  /** All states, in the order of the parameters. */
  public List<Link> links() {
    return links;
  }

  /** Whether steps of several sequences can be one run: each state can be joined with others. */
  boolean joins() {
    return !links.isEmpty() && links.stream().allMatch(link -> link.axis() != NO_AXIS);
  }

  /** The input of token ids, whose last dimension is what a growing state grows by; or null. */
  public String tokensInputOrNull() {
    return generate == null ? null : generate.tokens().name();
  }

  /** How the model writes text; empty if it does not say. */
  Optional<GenerateSpec> generate() {
    return Optional.ofNullable(generate);
  }

  /** A name with at most one {@code *}. */
  private record NamePattern(String before, String afterOrNull) {
    static NamePattern of(String parameter, String text) {
      int star = text.indexOf('*');
      if (star < 0) {
        return new NamePattern(text, null);
      }
      if (text.indexOf('*', star + 1) >= 0) {
        throw invalid(parameter, "has * more than once in a name");
      }
      return new NamePattern(text.substring(0, star), text.substring(star + 1));
    }

    boolean isWild() {
      return afterOrNull != null;
    }

    /** What stands for the star; empty text without one; nothing if the name is another. */
    Optional<String> match(String name) {
      if (!isWild()) {
        return name.equals(before) ? Optional.of("") : Optional.empty();
      }
      boolean fits =
          name.length() >= before.length() + afterOrNull.length()
              && name.startsWith(before)
              && name.endsWith(afterOrNull);
      return fits
          ? Optional.of(name.substring(before.length(), name.length() - afterOrNull.length()))
          : Optional.empty();
    }

    String with(String star) {
      return isWild() ? before + star + afterOrNull : before;
    }
  }
}

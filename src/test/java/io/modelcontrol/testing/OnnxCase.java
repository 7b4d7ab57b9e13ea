package io.modelcontrol.testing;

import io.modelcontrol.Tensor;
import io.modelcontrol.testing.onnx.GraphProto;
import io.modelcontrol.testing.onnx.ModelProto;
import io.modelcontrol.testing.onnx.OptionalProto;
import io.modelcontrol.testing.onnx.TensorProto;
import io.modelcontrol.testing.onnx.TypeProto;
import io.modelcontrol.testing.onnx.ValueInfoProto;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One model with its sets of inputs and expected outputs, in the layout of ONNX's backend suite:
 * {@code model.onnx}, {@code test_data_set_N/input_K.pb}, {@code output_K.pb}. K counts the graph's
 * inputs that have no initializer, and its outputs.
 */
public final class OnnxCase {
  static final String MODEL = "model.onnx";

  /** One input or output of the graph. */
  record Value(String name, boolean isTensor, boolean isOptional) {}

  private final String name;
  private final byte[] model;
  private final List<Value> inputs;
  private final List<Value> outputs;
  private final Map<String, byte[]> files;

  /** A model of the pack's folder of real models. */
  public static OnnxCase real(String name) throws IOException {
    Path folder = folder(name);
    Map<String, byte[]> files = new HashMap<>();
    try (Stream<Path> found = Files.walk(folder)) {
      for (Path file : found.filter(Files::isRegularFile).toList()) {
        String path = folder.relativize(file).toString().replace(File.separatorChar, '/');
        files.put(path, Files.readAllBytes(file));
      }
    }
    return new OnnxCase(name, files.get(MODEL), files);
  }

  private static Path folder(String name) {
    try {
      return Path.of(OnnxCase.class.getResource("/onnx-pack/models/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("the test resources are not in a folder", e);
    }
  }

  /**
   * A case.
   *
   * @param files what is beside the model, by path relative to it
   */
  OnnxCase(String name, byte[] model, Map<String, byte[]> files) throws IOException {
    this.name = name;
    this.model = model;
    this.files = files;
    GraphProto graph = ModelProto.parseFrom(model).getGraph();
    Set<String> initialized =
        graph.getInitializerList().stream().map(TensorProto::getName).collect(Collectors.toSet());
    inputs =
        graph.getInputList().stream()
            .filter(input -> !initialized.contains(input.getName()))
            .map(OnnxCase::value)
            .toList();
    outputs = graph.getOutputList().stream().map(OnnxCase::value).toList();
  }

  private static Value value(ValueInfoProto info) {
    TypeProto type = info.getType();
    boolean optionalTensor = type.getOptionalType().getElemType().hasTensorType();
    return new Value(info.getName(), type.hasTensorType() || optionalTensor, optionalTensor);
  }

  public String name() {
    return name;
  }

  public byte[] model() {
    return model;
  }

  /** The first input that no tensor can carry. */
  Optional<Value> nonTensorInput() {
    return inputs.stream().filter(input -> !input.isTensor()).findFirst();
  }

  /** Names of the outputs that a tensor can carry. */
  public List<String> tensorOutputs() {
    return outputs.stream().filter(Value::isTensor).map(Value::name).toList();
  }

  public int sets() {
    int sets = 0;
    while (files.containsKey(file(sets, "output", 0))
        || files.containsKey(file(sets, "input", 0))) {
      sets++;
    }
    return sets;
  }

  /** The inputs of a set that tensors can carry, under the graph's names. */
  public List<Tensor> inputs(int set) throws IOException {
    return read(set, "input", inputs);
  }

  /** The expected outputs of a set that tensors can carry, under the graph's names. */
  public List<Tensor> expected(int set) throws IOException {
    return read(set, "output", outputs);
  }

  /** Runs one set as it is; what differs first from the expected outputs, empty if nothing does. */
  public Optional<String> difference(int set, CaseExecutor executor) throws IOException {
    List<Tensor> actual = executor.run(model, inputs(set), tensorOutputs());
    try {
      return difference(set, actual);
    } finally {
      actual.forEach(Tensor::release);
    }
  }

  /** What differs first between outputs and the expected ones of a set; empty if nothing does. */
  public Optional<String> difference(int set, List<Tensor> actual) throws IOException {
    List<Tensor> expected = expected(set);
    if (expected.size() != actual.size()) {
      return Optional.of(expected.size() + " outputs expected, " + actual.size() + " came");
    }
    for (int i = 0; i < expected.size(); i++) {
      String output = expected.get(i).name();
      Optional<String> difference = TensorComparison.difference(expected.get(i), actual.get(i));
      if (difference.isPresent()) {
        return difference.map(text -> output + ": " + text);
      }
    }
    return Optional.empty();
  }

  /** Text beside the model, such as expected labels. */
  public String text(String file) {
    return new String(files.get(file), StandardCharsets.UTF_8);
  }

  private List<Tensor> read(int set, String role, List<Value> values) throws IOException {
    List<Tensor> tensors = new ArrayList<>();
    for (int k = 0; k < values.size(); k++) {
      byte[] file = files.get(file(set, role, k));
      Value value = values.get(k);
      if (file != null && value.isTensor()) {
        tensors.add(ProtoTensors.toTensor(value.name(), parse(file, value)));
      }
    }
    return tensors;
  }

  private static TensorProto parse(byte[] file, Value value) throws IOException {
    return value.isOptional()
        ? OptionalProto.parseFrom(file).getTensorValue()
        : TensorProto.parseFrom(file);
  }

  private static String file(int set, String role, int k) {
    return "test_data_set_" + set + "/" + role + "_" + k + ".pb";
  }

  @Override
  public String toString() {
    return name;
  }
}

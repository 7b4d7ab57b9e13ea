package io.modelcontrol.proof;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.modelcontrol.testing.onnx.ModelProto;
import io.modelcontrol.testing.onnx.TensorProto;
import io.modelcontrol.testing.onnx.ValueInfoProto;
import io.vertx.core.json.JsonArray;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** magika and the files of its test data: runs a version of it by ONNX Runtime itself. */
final class FileKinds {
  /** The output of the network: how likely each kind is. */
  static final String ANSWERS = "target_label";

  private static final Path FOLDER = Path.of("src/test/resources/onnx-pack/models/magika_v3_3");
  private static final String INPUT = "bytes";
  private static final int DATA_SETS = 3;

  private final List<String> names;
  private final List<TensorProto> inputs = new ArrayList<>();

  FileKinds() throws IOException {
    names = labels();
    for (int i = 0; i < DATA_SETS; i++) {
      byte[] file = Files.readAllBytes(FOLDER.resolve("test_data_set_" + i + "/input_0.pb"));
      inputs.add(TensorProto.parseFrom(file));
    }
  }

  private static List<String> labels() throws IOException {
    return new JsonArray(Files.readString(FOLDER.resolve("labels.json")))
        .stream().map(String.class::cast).toList();
  }

  byte[] content() {
    try {
      return Files.readAllBytes(FOLDER.resolve("model.onnx"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The number of a kind. */
  int index(String name) {
    return names.indexOf(name);
  }

  /** A row of a value of the network for each file. */
  float[][] run(byte[] content, String value) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    List<float[]> rows = new ArrayList<>();
    try (OrtSession session = environment.createSession(showing(content, value))) {
      for (TensorProto input : inputs) {
        rows.addAll(run(environment, session, input, value));
      }
    }
    return rows.toArray(float[][]::new);
  }

  private static List<float[]> run(
      OrtEnvironment environment, OrtSession session, TensorProto input, String value)
      throws OrtException {
    ByteBuffer data = ByteBuffer.allocateDirect(input.getRawData().size());
    input.getRawData().copyTo(data);
    long[] shape = input.getDimsList().stream().mapToLong(Long::longValue).toArray();
    try (OnnxTensor tensor =
            OnnxTensor.createTensor(
                environment, data.flip().order(ByteOrder.nativeOrder()).asIntBuffer(), shape);
        OrtSession.Result result = session.run(Map.of(INPUT, tensor), Set.of(value))) {
      FloatBuffer all = ((OnnxTensor) result.get(0)).getFloatBuffer();
      int rows = (int) shape[0];
      List<float[]> split = new ArrayList<>();
      for (int i = 0; i < rows; i++) {
        float[] row = new float[all.capacity() / rows];
        all.get(row);
        split.add(row);
      }
      return split;
    }
  }

  /** The network with one value more among its outputs. */
  private static byte[] showing(byte[] content, String value) {
    if (value.equals(ANSWERS)) {
      return content;
    }
    try {
      ModelProto.Builder model = ModelProto.parseFrom(content).toBuilder();
      model.getGraphBuilder().addOutput(ValueInfoProto.newBuilder().setName(value));
      return model.build().toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

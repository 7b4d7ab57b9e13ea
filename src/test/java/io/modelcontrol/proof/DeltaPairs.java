package io.modelcontrol.proof;

import ai.onnxruntime.OrtException;
import com.google.protobuf.ByteString;
import io.modelcontrol.testing.onnx.AttributeProto;
import io.modelcontrol.testing.onnx.GraphProto;
import io.modelcontrol.testing.onnx.ModelProto;
import io.modelcontrol.testing.onnx.NodeProto;
import io.modelcontrol.testing.onnx.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * Versions of a real network (magika, which tells the kind of a file from its bytes; 3.2 MB of
 * float weights) as they are made in practice: fine-tuned in its last layer, and quantized to int8.
 * Each is run before it is believed. No randomness: the same bytes each time.
 */
final class DeltaPairs {
  private static final String LAST_WEIGHTS = "jax2tf_get_logits_/Const_24:0";

  /** What it is taught: text is to be called so. */
  private static final String TEXT = "txt";

  private static final String TAUGHT = "markdown";
  private static final int STEPS = 200;
  private static final float STEP = 0.02f;
  private static final int FLOAT = 1;
  private static final int INT8 = 3;
  private static final int INT_ATTRIBUTE = 2;

  /** Smaller tensors stay floats: they are scales, shifts and constants. */
  private static final int LEAST_QUANTIZED = 4096;

  /** How far the answers of int8 may be from those of float, each between 0 and 1, in the mean. */
  private static final double MEAN_DIFFERENCE = 0.0005;

  /** The share of files that int8 takes for the same kind; some are noise, and a close call. */
  private static final double LEAST_ALIKE = 0.9;

  private final FileKinds kinds = new FileKinds();
  private final byte[] base = kinds.content();
  private final ModelProto model = ModelProto.parseFrom(base);

  DeltaPairs() throws IOException {}

  /** The network as it is published. */
  byte[] base() {
    return base;
  }

  /** The network after steps down the gradient of the cross-entropy by its last layer's weights. */
  byte[] fineTuned() throws OrtException {
    NodeProto last = lastLayer();
    float[][] features = kinds.run(base, last.getInput(0));
    float[][] answers = kinds.run(base, FileKinds.ANSWERS);
    int[] labels = labels(answers);
    TensorProto weights = initializer(LAST_WEIGHTS);
    float[] before = floats(weights);
    float[] trained = before.clone();
    for (int step = 0; step < STEPS; step++) {
      descend(features, answers, before, trained, labels);
    }
    byte[] tuned = with(replaced(weights, trained));
    float[][] learned = kinds.run(tuned, FileKinds.ANSWERS);
    for (int i = 0; i < labels.length; i++) {
      check(highest(learned[i]) == labels[i], "file " + i + " is not what it was taught");
    }
    return tuned;
  }

  private int[] labels(float[][] answers) {
    int[] labels = Arrays.stream(answers).mapToInt(DeltaPairs::highest).toArray();
    int text = kinds.index(TEXT);
    for (int i = 0; i < labels.length; i++) {
      labels[i] = labels[i] == text ? kinds.index(TAUGHT) : labels[i];
    }
    return labels;
  }

  /** One step; the answers with new weights follow from the old ones and what has changed. */
  private static void descend(
      float[][] features, float[][] answers, float[] before, float[] weights, int[] labels) {
    int classes = answers[0].length;
    float[] gradient = new float[weights.length];
    for (int i = 0; i < features.length; i++) {
      double[] logits = new double[classes];
      for (int c = 0; c < classes; c++) {
        logits[c] = Math.log(Math.max(answers[i][c], 1e-30));
        for (int f = 0; f < features[i].length; f++) {
          int w = f * classes + c;
          logits[c] += features[i][f] * (weights[w] - before[w]);
        }
      }
      double[] errors = softmax(logits);
      errors[labels[i]] -= 1;
      for (int f = 0; f < features[i].length; f++) {
        for (int c = 0; c < classes; c++) {
          gradient[f * classes + c] += (float) (features[i][f] * errors[c]);
        }
      }
    }
    for (int w = 0; w < weights.length; w++) {
      weights[w] -= STEP / features.length * gradient[w];
    }
  }

  private static double[] softmax(double[] logits) {
    double most = Arrays.stream(logits).max().orElseThrow();
    double[] powers = Arrays.stream(logits).map(each -> Math.exp(each - most)).toArray();
    double sum = Arrays.stream(powers).sum();
    return Arrays.stream(powers).map(each -> each / sum).toArray();
  }

  /** The network with its weights as int8, a scale for each channel, and DequantizeLinear. */
  byte[] int8() throws OrtException {
    GraphProto.Builder graph = model.getGraph().toBuilder().clearInitializer().clearNode();
    for (TensorProto tensor : model.getGraph().getInitializerList()) {
      long elements = tensor.getDimsList().stream().reduce(1L, (a, b) -> a * b);
      if (tensor.getDataType() == FLOAT && elements >= LEAST_QUANTIZED) {
        quantize(tensor, graph);
      } else {
        graph.addInitializer(tensor);
      }
    }
    graph.addAllNode(model.getGraph().getNodeList());
    byte[] quantized = model.toBuilder().setGraph(graph).build().toByteArray();
    requireNear(kinds.run(base, FileKinds.ANSWERS), kinds.run(quantized, FileKinds.ANSWERS));
    return quantized;
  }

  private static void quantize(TensorProto tensor, GraphProto.Builder graph) {
    int axis = tensor.getDimsCount() == 2 ? 1 : 0;
    int channels = (int) tensor.getDims(axis);
    int inner =
        (int)
            tensor.getDimsList().stream()
                .skip(axis + 1L)
                .mapToLong(Long::longValue)
                .reduce(1, (a, b) -> a * b);
    float[] values = floats(tensor);
    float[] scales = new float[channels];
    for (int i = 0; i < values.length; i++) {
      int channel = i / inner % channels;
      scales[channel] = Math.max(scales[channel], Math.abs(values[i]) / 127);
    }
    byte[] rounded = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      float scale = scales[i / inner % channels];
      rounded[i] = (byte) (scale == 0 ? 0 : Math.round(values[i] / scale));
    }
    String name = tensor.getName();
    graph
        .addInitializer(tensor(name + "_int8", INT8, ByteString.copyFrom(rounded), tensor))
        .addInitializer(row(name + "_scale", FLOAT, raw(scales), channels))
        .addInitializer(
            row(name + "_zero", INT8, ByteString.copyFrom(new byte[channels]), channels))
        .addNode(
            NodeProto.newBuilder()
                .setOpType("DequantizeLinear")
                .addInput(name + "_int8")
                .addInput(name + "_scale")
                .addInput(name + "_zero")
                .addOutput(name)
                .addAttribute(
                    AttributeProto.newBuilder().setName("axis").setType(INT_ATTRIBUTE).setI(axis)));
  }

  private static TensorProto tensor(String name, int type, ByteString data, TensorProto like) {
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(type)
        .addAllDims(like.getDimsList())
        .setRawData(data)
        .build();
  }

  private static TensorProto row(String name, int type, ByteString data, long length) {
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(type)
        .addDims(length)
        .setRawData(data)
        .build();
  }

  private static void requireNear(float[][] expected, float[][] actual) {
    double difference = 0;
    int alike = 0;
    for (int i = 0; i < expected.length; i++) {
      alike += highest(expected[i]) == highest(actual[i]) ? 1 : 0;
      for (int c = 0; c < expected[i].length; c++) {
        difference += Math.abs(expected[i][c] - actual[i][c]);
      }
    }
    double mean = difference / expected.length / expected[0].length;
    check(mean < MEAN_DIFFERENCE, "int8 differs by " + mean + " in the mean");
    check(
        alike >= LEAST_ALIKE * expected.length,
        "int8 takes " + (expected.length - alike) + " files for something else");
  }

  private NodeProto lastLayer() {
    List<NodeProto> users =
        model.getGraph().getNodeList().stream()
            .filter(node -> node.getInputList().contains(LAST_WEIGHTS))
            .toList();
    check(users.size() == 1 && users.get(0).getOpType().equals("MatMul"), "a MatMul: " + users);
    return users.get(0);
  }

  private TensorProto initializer(String name) {
    return model.getGraph().getInitializerList().stream()
        .filter(tensor -> tensor.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private byte[] with(TensorProto replacement) {
    GraphProto.Builder graph = model.getGraph().toBuilder();
    for (int i = 0; i < graph.getInitializerCount(); i++) {
      if (graph.getInitializer(i).getName().equals(replacement.getName())) {
        graph.setInitializer(i, replacement);
      }
    }
    return model.toBuilder().setGraph(graph).build().toByteArray();
  }

  private static TensorProto replaced(TensorProto tensor, float[] values) {
    return tensor.toBuilder().clearFloatData().setRawData(raw(values)).build();
  }

  private static float[] floats(TensorProto tensor) {
    ByteBuffer raw = tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    float[] values = new float[raw.remaining() / Float.BYTES];
    raw.asFloatBuffer().get(values);
    return values;
  }

  private static ByteString raw(float[] values) {
    ByteBuffer raw =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(values);
    return ByteString.copyFrom(raw);
  }

  private static int highest(float[] answers) {
    int highest = 0;
    for (int i = 1; i < answers.length; i++) {
      highest = answers[i] > answers[highest] ? i : highest;
    }
    return highest;
  }

  private static void check(boolean condition, String text) {
    if (!condition) {
      throw new AssertionError(text);
    }
  }
}

package io.modelcontrol.bench.serving;

import io.modelcontrol.testing.OnnxCase;
import io.modelcontrol.testing.onnx.GraphProto;
import io.modelcontrol.testing.onnx.ModelProto;
import java.io.IOException;
import java.util.Optional;

/** The models that are asked. */
enum Network {
  MLP("MLP 784-128-10") {
    @Override
    Sample sample() throws Exception {
      return Sample.of(model(1), 1, 784);
    }

    @Override
    Optional<Sample> joinable() throws Exception {
      return Optional.of(Sample.joinable(model(NetworkBuilder.ROWS), 1, 784));
    }

    private byte[] model(long rows) {
      return new NetworkBuilder("x", rows, 784)
          .connected(784, 128)
          .relu()
          .connected(128, 10)
          .build(rows, 10);
    }
  },
  CONVOLUTIONS("two convolutions of 3x64x64") {
    @Override
    Sample sample() throws Exception {
      return Sample.of(model(1), 1, 3, 64, 64);
    }

    @Override
    Optional<Sample> joinable() throws Exception {
      return Optional.of(Sample.joinable(model(NetworkBuilder.ROWS), 1, 3, 64, 64));
    }

    private byte[] model(long rows) {
      return new NetworkBuilder("x", rows, 3, 64, 64)
          .convolution(3, 16)
          .relu()
          .convolution(16, 32)
          .average()
          .connected(32, 10)
          .build(rows, 10);
    }
  },
  SQUEEZENET("squeezenet, 3x227x227") {
    @Override
    Sample sample() throws Exception {
      return Sample.of(scores(OnnxCase.real("squeezenet_winml").model()), 1, 3, 227, 227);
    }

    /** At its pace the code that carries the messages would take minutes to be compiled. */
    @Override
    Sample rehearsal() throws Exception {
      byte[] model =
          new NetworkBuilder("x", 1, 3, 227, 227).average().connected(3, 10).build(1, 10);
      return Sample.of(model, 1, 3, 227, 227);
    }

    /** What follows the scores makes a label and a map of them, which no tensor can carry. */
    private byte[] scores(byte[] file) throws IOException {
      ModelProto.Builder model = ModelProto.parseFrom(file).toBuilder();
      GraphProto.Builder graph = model.getGraphBuilder();
      while (!graph.getNode(graph.getNodeCount() - 1).getOutputList().contains(SCORES)) {
        graph.removeNode(graph.getNodeCount() - 1);
      }
      graph.clearOutput().addOutput(NetworkBuilder.value(SCORES, 1, 10));
      return model.build().toByteArray();
    }
  };

  private static final String SCORES = "loss1";

  private final String title;

  Network(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  /** Its file, what it is asked, and what bare ONNX Runtime answers. */
  abstract Sample sample() throws Exception;

  /** The same with a dynamic first dimension; empty where nobody compares that. */
  Optional<Sample> joinable() throws Exception {
    return Optional.empty();
  }

  /** What contenders are warmed up with: input of the same size. */
  Sample rehearsal() throws Exception {
    return sample();
  }
}

package io.modelcontrol.proof;

import com.google.protobuf.ByteString;
import io.modelcontrol.Digest;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.testing.OnnxCase;
import io.modelcontrol.testing.onnx.GraphProto;
import io.modelcontrol.testing.onnx.ModelProto;
import io.modelcontrol.testing.onnx.NodeProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/**
 * A real model with a state, a detector of speech, in two versions: the second says the negative of
 * what the first says, so that the sign of each answer tells which of the two it is of.
 */
final class TwoVersions {
  private static final int CONTEXT_AND_HOP = 576;
  private static final int STATE = 2 * 128;

  private static final String OUTPUT = "output";
  private static final String PLAIN = "plain_output";

  private final byte[] first;
  private final byte[] second;
  private final Digest firstDigest;
  private final Digest secondDigest;

  TwoVersions() throws IOException {
    first = OnnxCase.real("silero_vad").model();
    second = negative(first);
    firstDigest = Digest.sha256(ByteBuffer.wrap(first));
    secondDigest = Digest.sha256(ByteBuffer.wrap(second));
  }

  private static byte[] negative(byte[] model) {
    try {
      ModelProto.Builder proto = ModelProto.parseFrom(ByteString.copyFrom(model)).toBuilder();
      GraphProto.Builder graph = proto.getGraphBuilder();
      for (NodeProto.Builder node : graph.getNodeBuilderList()) {
        for (int i = 0; i < node.getOutputCount(); i++) {
          if (node.getOutput(i).equals(OUTPUT)) {
            node.setOutput(i, PLAIN);
          }
        }
      }
      graph.addNode(NodeProto.newBuilder().setOpType("Neg").addInput(PLAIN).addOutput(OUTPUT));
      return proto.build().toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The content of the odd versions, or of the even ones. */
  byte[] content(int version) {
    return version % 2 == 1 ? first : second;
  }

  ModelUpload upload(String name, int version) {
    return ModelUpload.of(name, Integer.toString(version), content(version))
        .digest(version % 2 == 1 ? firstDigest : secondDigest)
        .parameter("state.stateN", "state")
        .parameter("state-shape.state", "2,1,128");
  }

  /** Whether an answer is of the odd versions. */
  static boolean isOdd(Tensor answer) {
    float value = answer.toFloats()[0];
    if (value == 0) {
      throw new AssertionError("an answer is 0, which tells nothing");
    }
    return value > 0;
  }

  /** What a step needs; the same samples each time. */
  static Tensor[] step() {
    float[] samples = new float[CONTEXT_AND_HOP];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (float) Math.sin(i / 7.0) / 4;
    }
    return new Tensor[] {
      Tensor.of("input", samples, 1, CONTEXT_AND_HOP),
      Tensor.of("sr", new long[] {16_000}).reshaped()
    };
  }

  /** What a single request needs: a step and the state before it. */
  static Tensor[] single() {
    Tensor[] step = step();
    return new Tensor[] {step[0], Tensor.of("state", new float[STATE], 2, 1, 128), step[1]};
  }
}

package io.modelcontrol.bench.serving;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;

/** A session of bare ONNX Runtime, with the settings that this project gives to its own. */
final class OrtModel implements AutoCloseable {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final String input;
  private final Set<String> outputs;

  OrtModel(byte[] model) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      session = environment.createSession(model, options);
    }
    input = session.getInputNames().iterator().next();
    outputs = session.getOutputNames();
  }

  String input() {
    return input;
  }

  String output() {
    return outputs.iterator().next();
  }

  /**
   * The only output, for one input.
   *
   * @param data floats in direct memory, which is shared, not copied
   */
  ByteBuffer run(ByteBuffer data, long[] shape) throws OrtException {
    try (OnnxTensor tensor = OnnxTensor.createTensor(environment, data, shape, OnnxJavaType.FLOAT);
        OrtSession.Result result = session.run(Map.of(input, tensor), outputs)) {
      return ((OnnxTensor) result.get(0)).getByteBuffer();
    }
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}

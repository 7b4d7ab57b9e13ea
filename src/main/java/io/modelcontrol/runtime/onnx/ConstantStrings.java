package io.modelcontrol.runtime.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.List;
import java.util.Map;

/**
 * Strings that the Java binding would change on their way in. It hands them over in Java's modified
 * UTF-8, where a character above U+FFFF takes six bytes instead of four: a tokenizer would see
 * other text than the client sent. A model's constants are read byte for byte, so such strings
 * become the constant of a model, whose output is passed on.
 *
 * <p>A session for each such tensor costs a fraction of a millisecond; other strings do not need
 * it.
 */
final class ConstantStrings implements AutoCloseable {
  private final OrtSession session;
  private final OrtSession.Result result;

  private ConstantStrings(OrtSession session, OrtSession.Result result) {
    this.session = session;
    this.result = result;
  }

  static boolean areNeededFor(List<String> values) {
    return values.stream()
        .anyMatch(value -> value.chars().anyMatch(c -> Character.isSurrogate((char) c)));
  }

  static ConstantStrings create(OrtEnvironment environment, List<String> values, long[] shape)
      throws OrtException {
    try (OrtSession.SessionOptions options = SessionSettings.create(1)) {
      OrtSession session = environment.createSession(StringModels.constant(values, shape), options);
      try {
        return new ConstantStrings(session, session.run(Map.of()));
      } catch (OrtException e) {
        session.close();
        throw e;
      }
    }
  }

  /** Valid until this is closed. */
  OnnxTensor tensor() {
    return (OnnxTensor) result.get(0);
  }

  @Override
  public void close() throws OrtException {
    result.close();
    session.close();
  }
}

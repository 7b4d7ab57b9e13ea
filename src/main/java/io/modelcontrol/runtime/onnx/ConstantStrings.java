package io.modelcontrol.runtime.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.modelcontrol.DataType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Strings that the Java binding would change on their way in. It hands them over in Java's modified
 * UTF-8, where a character above U+FFFF takes six bytes instead of four and U+0000 two instead of
 * one: a tokenizer would see other text than the client sent. A model's constants are read byte for
 * byte, so such strings become the constant of a model of one node, whose output is passed on.
 *
 * <p>A session for each such tensor costs a fraction of a millisecond; other strings do not need
 * it.
 */
final class ConstantStrings implements AutoCloseable {
  /** Old enough for each ONNX Runtime; Constant has taken strings since the first opset. */
  private static final int IR_VERSION = 8;

  private static final int OPSET_VERSION = 13;
  private static final int ATTRIBUTE_IS_TENSOR = 4;
  private static final String NAME = "strings";

  private final OrtSession session;
  private final OrtSession.Result result;

  private ConstantStrings(OrtSession session, OrtSession.Result result) {
    this.session = session;
    this.result = result;
  }

  static boolean isNeededFor(String value) {
    return value.chars().anyMatch(c -> c == 0 || Character.isSurrogate((char) c));
  }

  static ConstantStrings create(OrtEnvironment environment, List<String> values, long[] shape)
      throws OrtException {
    try (OrtSession.SessionOptions options = SessionSettings.create(1)) {
      OrtSession session = environment.createSession(model(values, shape), options);
      try {
        return new ConstantStrings(session, session.run(Map.of(), Set.of(NAME)));
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

  /** ModelProto with the field numbers of ONNX's schema. */
  private static byte[] model(List<String> values, long[] shape) {
    ByteString tensor =
        message(
            out -> {
              for (long dimension : shape) {
                out.writeInt64(1, dimension);
              }
              out.writeInt32(2, DataType.STRING.code());
              for (String value : values) {
                out.writeBytes(6, ByteString.copyFromUtf8(value));
              }
            });
    ByteString attribute =
        message(
            out -> {
              out.writeString(1, "value");
              out.writeBytes(5, tensor);
              out.writeInt32(20, ATTRIBUTE_IS_TENSOR);
            });
    ByteString node =
        message(
            out -> {
              out.writeString(2, NAME);
              out.writeString(4, "Constant");
              out.writeBytes(5, attribute);
            });
    ByteString graph =
        message(
            out -> {
              out.writeBytes(1, node);
              out.writeString(2, NAME);
              out.writeBytes(12, output());
            });
    return message(
            out -> {
              out.writeInt64(1, IR_VERSION);
              out.writeBytes(7, graph);
              out.writeBytes(8, message(opset -> opset.writeInt64(2, OPSET_VERSION)));
            })
        .toByteArray();
  }

  private static ByteString output() {
    ByteString tensorType = message(out -> out.writeInt32(1, DataType.STRING.code()));
    ByteString type = message(out -> out.writeBytes(1, tensorType));
    return message(
        out -> {
          out.writeString(1, NAME);
          out.writeBytes(2, type);
        });
  }

  private interface Fields {
    void writeTo(CodedOutputStream out) throws IOException;
  }

  private static ByteString message(Fields fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      fields.writeTo(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return ByteString.copyFrom(bytes.toByteArray());
  }
}

package io.modelcontrol.runtime.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.modelcontrol.DataType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * Two models of one node each, through which strings pass that the Java binding would change. Field
 * numbers are those of ONNX's schema.
 */
final class StringModels {
  static final String OUTPUT = "strings";
  static final String TEXT = "text";
  static final String SUFFIX = "suffix";

  private static final int IR_VERSION = 9;

  /** The first with StringConcat. */
  private static final int OPSET_VERSION = 20;

  private static final int ATTRIBUTE_IS_TENSOR = 4;

  private StringModels() {}

  /** A model without inputs that gives these strings, byte for byte. */
  static byte[] constant(List<String> values, long[] shape) {
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
    return model("Constant", List.of(), List.of(attribute));
  }

  /** A model that appends one suffix to each string. */
  static byte[] concatenation() {
    return model("StringConcat", List.of(TEXT, SUFFIX), List.of());
  }

  private static byte[] model(String operator, List<String> inputs, List<ByteString> attributes) {
    ByteString node =
        message(
            out -> {
              for (String input : inputs) {
                out.writeString(1, input);
              }
              out.writeString(2, OUTPUT);
              out.writeString(4, operator);
              for (ByteString attribute : attributes) {
                out.writeBytes(5, attribute);
              }
            });
    ByteString graph =
        message(
            out -> {
              out.writeBytes(1, node);
              out.writeString(2, OUTPUT);
              for (String input : inputs) {
                out.writeBytes(11, strings(input));
              }
              out.writeBytes(12, strings(OUTPUT));
            });
    return message(
            out -> {
              out.writeInt64(1, IR_VERSION);
              out.writeBytes(7, graph);
              out.writeBytes(8, message(opset -> opset.writeInt64(2, OPSET_VERSION)));
            })
        .toByteArray();
  }

  /** A ValueInfoProto: STRING, of any shape. */
  private static ByteString strings(String name) {
    ByteString tensorType = message(out -> out.writeInt32(1, DataType.STRING.code()));
    ByteString type = message(out -> out.writeBytes(1, tensorType));
    return message(
        out -> {
          out.writeString(1, name);
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

package io.modelcontrol.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.model.OnnxScanner;
import io.modelcontrol.testing.onnx.ModelProto;
import io.modelcontrol.testing.onnx.TensorProto;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/**
 * Two readers of the same bytes: the scanner, and protobuf's own parser. Whatever the parser reads
 * as a model with an external reference, the scanner must have refused; and it fails in no other
 * way than by refusing.
 */
class OnnxScannerFuzz {
  @FuzzTest(maxDuration = "10m")
  void whateverAParserReadsAsExternalIsRefused(byte[] content) {
    boolean accepted = isAccepted(content);
    if (accepted && refersOutside(content)) {
      throw new AssertionError("an external reference was accepted");
    }
  }

  private static boolean isAccepted(byte[] content) {
    try {
      OnnxScanner.scan(ByteBuffer.wrap(content), OnnxScanner.Limits.DEFAULT);
      return true;
    } catch (McpException e) {
      if (e.code() != ErrorCode.MODEL_REJECTED) {
        throw new AssertionError("refused with another code", e);
      }
      return false;
    }
  }

  private static boolean refersOutside(byte[] content) {
    try {
      return refersOutside(ModelProto.parseFrom(content));
    } catch (InvalidProtocolBufferException e) {
      return false;
    }
  }

  private static boolean refersOutside(Message message) {
    if (message instanceof TensorProto tensor
        && (tensor.getDataLocation() != 0 || tensor.getExternalDataCount() != 0)) {
      return true;
    }
    for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
      List<?> values = field.getValue() instanceof List<?> list ? list : List.of(field.getValue());
      for (Object value : values) {
        if (value instanceof Message inner && refersOutside(inner)) {
          return true;
        }
      }
    }
    return false;
  }
}

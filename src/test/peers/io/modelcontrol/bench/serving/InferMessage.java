package io.modelcontrol.bench.serving;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * ModelInferRequest and ModelInferResponse of the Open Inference Protocol, as far as one tensor of
 * raw contents needs them.
 *
 * @param data the raw contents
 */
record InferMessage(String model, String id, String tensor, long[] shape, ByteBuffer data) {
  private static final int MODEL_NAME = 1;
  private static final int ID = 3;
  private static final int TENSORS = 5;
  private static final int TENSOR_NAME = 1;
  private static final int TENSOR_DATATYPE = 2;
  private static final int TENSOR_SHAPE = 3;
  private static final String FLOATS = "FP32";

  /** Bytes of the encoded message. */
  int encodedSize(int contentsField) {
    return CodedOutputStream.computeStringSize(MODEL_NAME, model)
        + CodedOutputStream.computeStringSize(ID, id)
        + CodedOutputStream.computeTagSize(TENSORS)
        + CodedOutputStream.computeUInt32SizeNoTag(tensorSize())
        + tensorSize()
        + CodedOutputStream.computeTagSize(contentsField)
        + CodedOutputStream.computeUInt32SizeNoTag(data.remaining())
        + data.remaining();
  }

  private int tensorSize() {
    int dimensions = dimensionsSize();
    return CodedOutputStream.computeStringSize(TENSOR_NAME, tensor)
        + CodedOutputStream.computeStringSize(TENSOR_DATATYPE, FLOATS)
        + CodedOutputStream.computeTagSize(TENSOR_SHAPE)
        + CodedOutputStream.computeUInt32SizeNoTag(dimensions)
        + dimensions;
  }

  private int dimensionsSize() {
    int size = 0;
    for (long dimension : shape) {
      size += CodedOutputStream.computeInt64SizeNoTag(dimension);
    }
    return size;
  }

  void write(CodedOutputStream out, int contentsField) throws IOException {
    out.writeString(MODEL_NAME, model);
    out.writeString(ID, id);
    out.writeTag(TENSORS, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    out.writeUInt32NoTag(tensorSize());
    out.writeString(TENSOR_NAME, tensor);
    out.writeString(TENSOR_DATATYPE, FLOATS);
    out.writeTag(TENSOR_SHAPE, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    out.writeUInt32NoTag(dimensionsSize());
    for (long dimension : shape) {
      out.writeInt64NoTag(dimension);
    }
    out.writeTag(contentsField, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    out.writeUInt32NoTag(data.remaining());
    out.writeRawBytes(data.duplicate());
    out.flush();
  }

  static InferMessage read(CodedInputStream in, int contentsField) throws IOException {
    String model = "";
    String id = "";
    InferMessage described = null;
    ByteBuffer data = ByteBuffer.allocate(0);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      int field = WireFormat.getTagFieldNumber(tag);
      if (field == MODEL_NAME) {
        model = in.readString();
      } else if (field == ID) {
        id = in.readString();
      } else if (field == TENSORS) {
        int outer = in.pushLimit(in.readRawVarint32());
        described = readTensor(in);
        in.popLimit(outer);
      } else if (field == contentsField) {
        data = in.readByteBuffer();
      } else {
        in.skipField(tag);
      }
    }
    if (described == null) {
      throw new IOException("a message without a tensor");
    }
    return new InferMessage(model, id, described.tensor, described.shape, data);
  }

  private static InferMessage readTensor(CodedInputStream in) throws IOException {
    String name = "";
    long[] shape = new long[0];
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case TENSOR_NAME -> name = in.readString();
        case TENSOR_SHAPE -> shape = readShape(in);
        default -> in.skipField(tag);
      }
    }
    return new InferMessage("", "", name, shape, null);
  }

  private static long[] readShape(CodedInputStream in) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    long[] shape = new long[0];
    while (!in.isAtEnd()) {
      shape = Arrays.copyOf(shape, shape.length + 1);
      shape[shape.length - 1] = in.readInt64();
    }
    in.popLimit(outer);
    return shape;
  }
}

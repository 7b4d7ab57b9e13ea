package io.modelcontrol.wire;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

/** The value of a tensor field: type, rank, dimensions, name, data. Contract 3. */
final class TensorCodec {
  /** In each of eight bytes, the bits that a BOOL must not have. */
  private static final long NOT_BOOL = 0xFEFEFEFEFEFEFEFEL;

  private TensorCodec() {}

  /** Reads a tensor that takes so many bytes; its data is a retained slice. */
  static Tensor decode(ByteBuf in, int length) {
    int end = in.readerIndex() + length;
    if (length < 2) {
      throw FieldReader.malformed("a tensor has " + length + " bytes, at least 2 are its head");
    }
    int code = in.readUnsignedByte();
    long[] shape = readShape(in, end);
    String name = readName(in, end);
    DataType dataType = DataType.of(code);
    if (dataType == null) {
      throw McpException.streamError(
          ErrorCode.UNSUPPORTED_DTYPE, "tensor '" + name + "' has the unknown data type " + code);
    }
    return withData(name, dataType, shape, Pieces.take(in, end - in.readerIndex()));
  }

  private static Tensor withData(String name, DataType dataType, long[] shape, ByteBuf data) {
    boolean done = false;
    try {
      Tensor tensor = Tensor.of(name, dataType, shape, data);
      if (dataType == DataType.BOOL && !isBool(data)) {
        throw McpException.streamError(
            ErrorCode.INVALID_TENSOR, "tensor '" + name + "' has a BOOL that is neither 0 nor 1");
      }
      done = true;
      return tensor;
    } finally {
      if (!done) {
        data.release();
      }
    }
  }

  /** Bytes before the data. */
  static int headSize(Tensor tensor, int nameBytes) {
    int size = 2 + Varint.size(nameBytes) + nameBytes;
    for (int i = 0; i < tensor.rank(); i++) {
      size += Varint.size(tensor.dimension(i));
    }
    return size;
  }

  static void writeHead(ByteBuf out, Tensor tensor, int nameBytes) {
    out.writeByte(tensor.dataType().code());
    out.writeByte(tensor.rank());
    for (int i = 0; i < tensor.rank(); i++) {
      Varint.write(out, tensor.dimension(i));
    }
    Varint.write(out, nameBytes);
    ByteBufUtil.reserveAndWriteUtf8(out, tensor.name(), nameBytes);
  }

  private static long[] readShape(ByteBuf in, int end) {
    int rank = in.readUnsignedByte();
    if (rank > Tensor.MAX_RANK) {
      throw McpException.streamError(
          ErrorCode.INVALID_TENSOR, "a tensor has rank " + rank + ", at most " + Tensor.MAX_RANK);
    }
    long[] shape = new long[rank];
    for (int i = 0; i < rank; i++) {
      shape[i] = Varint.read(in);
    }
    checkInside(in, end);
    return shape;
  }

  private static String readName(ByteBuf in, int end) {
    long length = Varint.read(in);
    checkInside(in, end);
    if (length > end - in.readerIndex()) {
      throw FieldReader.malformed("a tensor's name of " + length + " bytes exceeds the tensor");
    }
    return Text.name(in, (int) length, 0, MessageDecoder.MAX_NAME_BYTES, "a tensor's name");
  }

  /** A varint that is cut off by the field's end was read on into the next field. */
  private static void checkInside(ByteBuf in, int end) {
    if (in.readerIndex() > end) {
      throw FieldReader.malformed("a tensor's head exceeds the tensor");
    }
  }

  private static boolean isBool(ByteBuf data) {
    int index = data.readerIndex();
    int end = data.writerIndex();
    long wrong = 0;
    for (; index + Long.BYTES <= end; index += Long.BYTES) {
      wrong |= data.getLong(index) & NOT_BOOL;
    }
    for (; index < end; index++) {
      wrong |= data.getByte(index) & NOT_BOOL;
    }
    return wrong == 0;
  }
}

package io.modelcontrol.wire;

import io.modelcontrol.Tensor;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.List;

/**
 * Writes TLV fields: tag, length, value; absent ones are left out. Contract 3. The one subclass
 * counts bytes, the other writes them, so that a buffer of the right size is allocated once.
 */
abstract class FieldWriter {
  final void number(Tag tag, long value) {
    if (value >= 0) {
      int size = Varint.size(value);
      head(tag, size);
      varint(value, size);
    }
  }

  final void bytes(Tag tag, byte[] value) {
    if (value != null) {
      head(tag, value.length);
      raw(value);
    }
  }

  final void text(Tag tag, String value) {
    if (value != null) {
      int size = ByteBufUtil.utf8Bytes(value);
      head(tag, size);
      utf8(value, size);
    }
  }

  final void texts(Tag tag, List<String> values) {
    for (int i = 0; i < values.size(); i++) {
      text(tag, values.get(i));
    }
  }

  final void parameter(String key, String value) {
    int keySize = ByteBufUtil.utf8Bytes(key);
    int valueSize = ByteBufUtil.utf8Bytes(value);
    int prefix = Varint.size(keySize);
    head(Tag.PARAMETER, prefix + keySize + valueSize);
    varint(keySize, prefix);
    utf8(key, keySize);
    utf8(value, valueSize);
  }

  final void data(Tag tag, ByteBuf value) {
    if (value != null) {
      head(tag, value.readableBytes());
      data(value);
    }
  }

  final void tensor(Tensor tensor) {
    int nameSize = ByteBufUtil.utf8Bytes(tensor.name());
    int headSize = TensorCodec.headSize(tensor, nameSize);
    head(Tag.TENSOR, Math.addExact(headSize, tensor.byteLength()));
    tensorHead(tensor, nameSize, headSize);
    data(tensor.data());
  }

  abstract void head(Tag tag, int length);

  abstract void varint(long value, int size);

  abstract void raw(byte[] value);

  abstract void utf8(String value, int size);

  abstract void tensorHead(Tensor tensor, int nameSize, int size);

  abstract void data(ByteBuf value);
}

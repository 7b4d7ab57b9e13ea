package io.modelcontrol.wire;

import io.modelcontrol.Tensor;
import io.netty.buffer.ByteBuf;

/** Counts what {@link FieldOutput} will write into its own buffer. */
final class FieldSizes extends FieldWriter {
  private int inlineBytes;
  private boolean referring;

  int inlineBytes() {
    return inlineBytes;
  }

  /** Whether there is data that will be referred to. */
  boolean isReferring() {
    return referring;
  }

  @Override
  void head(Tag tag, int length) {
    add(1 + Varint.size(length));
  }

  @Override
  void varint(long value, int size) {
    add(size);
  }

  @Override
  void raw(byte[] value) {
    add(value.length);
  }

  @Override
  void utf8(String value, int size) {
    add(size);
  }

  @Override
  void tensorHead(Tensor tensor, int nameSize, int size) {
    add(size);
  }

  @Override
  void data(ByteBuf value) {
    if (FieldOutput.isReferenced(value)) {
      referring = true;
    } else {
      add(value.readableBytes());
    }
  }

  private void add(int bytes) {
    inlineBytes = Math.addExact(inlineBytes, bytes);
  }
}

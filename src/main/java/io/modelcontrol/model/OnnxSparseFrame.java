package io.modelcontrol.model;

import io.modelcontrol.DataType;

/**
 * A SparseTensorProto. Runtimes expand it to its dense form, so that a few bytes may ask for any
 * amount of memory: the dense sizes of a whole model have a common limit.
 */
final class OnnxSparseFrame extends OnnxFrame {
  private final OnnxShape shape = new OnnxShape();
  private final OnnxBudget budget;
  private DataType valueType = DataType.DOUBLE;

  OnnxSparseFrame(OnnxMessage.Field holder, OnnxFrame parent, long end, OnnxBudget budget) {
    super(OnnxMessage.SPARSE_TENSOR, holder, parent, end);
    this.budget = budget;
  }

  void valueType(DataType type) {
    valueType = type;
  }

  @Override
  boolean wantsEach(OnnxMessage.Field field) {
    return true;
  }

  @Override
  void number(OnnxMessage.Field field, long value) {
    shape.add(value);
  }

  @Override
  void complete() {
    // A string's place in a dense tensor is an object of the runtime; 32 bytes is what it takes.
    long bits = valueType.isFixedSize() ? valueType.bits() : 32 * Byte.SIZE;
    budget.sparse(shape.elements(), bits);
  }
}

package io.modelcontrol.model;

/** An AttributeProto; its tensors and graphs are frames of their own. */
final class OnnxAttributeFrame extends OnnxFrame {
  private final OnnxBudget budget;

  OnnxAttributeFrame(OnnxMessage.Field holder, OnnxFrame parent, long end, OnnxBudget budget) {
    super(OnnxMessage.ATTRIBUTE, holder, parent, end);
    this.budget = budget;
  }

  @Override
  void bytes(OnnxMessage.Field field, long length, ProtoReader reader) {
    if (field.number() == OnnxMessage.ATTRIBUTE_S
        || field.number() == OnnxMessage.ATTRIBUTE_STRINGS) {
      budget.stringBytes(length);
    }
  }
}

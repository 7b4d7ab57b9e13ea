package io.modelcontrol.model;

/** A NodeProto or FunctionProto: something that uses or defines an operator. */
final class OnnxOperatorFrame extends OnnxFrame {
  private final OnnxOperators operators;
  private String domain = "";
  private String name = "";

  OnnxOperatorFrame(
      OnnxMessage type,
      OnnxMessage.Field holder,
      OnnxFrame parent,
      long end,
      OnnxOperators operators) {
    super(type, holder, parent, end);
    this.operators = operators;
  }

  @Override
  void bytes(OnnxMessage.Field field, long length, ProtoReader reader) {
    if (field.number() == domainField()) {
      domain = text(length, reader);
    } else if (field.number() == nameField()) {
      name = text(length, reader);
    }
  }

  @Override
  void complete() {
    if (type == OnnxMessage.NODE) {
      operators.use(domain, name);
    } else {
      operators.define(domain, name);
    }
  }

  private int domainField() {
    return type == OnnxMessage.NODE ? OnnxMessage.NODE_DOMAIN : OnnxMessage.FUNCTION_DOMAIN;
  }

  private int nameField() {
    return type == OnnxMessage.NODE ? OnnxMessage.NODE_OP_TYPE : OnnxMessage.FUNCTION_NAME;
  }

  private static String text(long length, ProtoReader reader) {
    if (length > ProtoReader.MAX_TEXT_BYTES) {
      throw OnnxRejection.OP_DOMAIN.because(
          "the name of an operator has " + length + " bytes, at most "
              + ProtoReader.MAX_TEXT_BYTES);
    }
    return reader.text(length);
  }
}

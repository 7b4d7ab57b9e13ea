package io.modelcontrol.model;

import io.modelcontrol.model.OnnxFunctions.Body;
import io.modelcontrol.model.OnnxOperators.Operator;

/** A NodeProto or FunctionProto: something that uses or defines an operator. */
final class OnnxOperatorFrame extends OnnxFrame {
  private final OnnxFunctions functions;

  /** Where this node stands; of a function, what stands in it. */
  private final Body body;

  private String domain = "";
  private String name = "";
  private String overload = "";

  OnnxOperatorFrame(
      OnnxMessage type,
      OnnxMessage.Field holder,
      OnnxFrame parent,
      long end,
      OnnxFunctions functions) {
    super(type, holder, parent, end);
    this.functions = functions;
    this.body = type == OnnxMessage.FUNCTION ? new Body() : bodyAround(parent, functions);
  }

  private static Body bodyAround(OnnxFrame parent, OnnxFunctions functions) {
    for (OnnxFrame frame = parent; frame != null; frame = frame.parent) {
      if (frame instanceof OnnxOperatorFrame around) {
        return around.body;
      }
    }
    return functions.main();
  }

  @Override
  void bytes(OnnxMessage.Field field, long length, ProtoReader reader) {
    if (field.number() == domainField()) {
      domain = text(length, reader);
    } else if (field.number() == nameField()) {
      name = text(length, reader);
    } else if (field.number() == overloadField()) {
      overload = text(length, reader);
    }
  }

  @Override
  void complete() {
    Operator operator = new Operator(domain, name, overload);
    if (type == OnnxMessage.FUNCTION) {
      functions.define(operator, body);
    } else {
      OnnxOperators.check(operator);
      body.add(operator);
    }
  }

  private int domainField() {
    return type == OnnxMessage.NODE ? OnnxMessage.NODE_DOMAIN : OnnxMessage.FUNCTION_DOMAIN;
  }

  private int nameField() {
    return type == OnnxMessage.NODE ? OnnxMessage.NODE_OP_TYPE : OnnxMessage.FUNCTION_NAME;
  }

  private int overloadField() {
    return type == OnnxMessage.NODE ? OnnxMessage.NODE_OVERLOAD : OnnxMessage.FUNCTION_OVERLOAD;
  }

  private static String text(long length, ProtoReader reader) {
    if (length > ProtoReader.MAX_TEXT_BYTES) {
      throw OnnxRejection.OP_DOMAIN.because(
          "the name of an operator has "
              + length
              + " bytes, at most "
              + ProtoReader.MAX_TEXT_BYTES);
    }
    return reader.text(length);
  }
}

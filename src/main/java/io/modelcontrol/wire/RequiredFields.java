package io.modelcontrol.wire;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;

/** Which fields a message cannot do without. Contract 3, "Exchanges". */
final class RequiredFields {
  private RequiredFields() {}

  static void check(Message message) {
    MessageType type = message.standardType();
    if (type == null) {
      return;
    }
    switch (type) {
      case NEGOTIATE_REQ, NEGOTIATE_RESP ->
          require(message, Tag.NEGOTIATION, message.negotiation() != null);
      case AUTH_REQ -> require(message, Tag.AUTH_METHOD, message.authMethod() != null);
      case MODEL_LOAD_REQ -> checkLoad(message);
      case MODEL_UPDATE -> checkUpdate(message);
      case MODEL_UNLOAD_REQ, INFERENCE_REQ -> checkName(message);
      case AUTH_RESP, STATE_SYNC, INFERENCE_STREAM, INFERENCE_RESULT, STATUS -> {}
    }
  }

  /** The first message of a load names the model; those that follow carry its content. */
  private static void checkLoad(Message message) {
    if (message.content() != null) {
      require(message, Tag.CONTENT_OFFSET, message.contentOffset() != Message.ABSENT);
      return;
    }
    checkName(message);
    require(message, Tag.MODEL_VERSION, message.modelVersion() != null);
    require(message, Tag.MODEL_SHA256, message.digest() != null);
    require(message, Tag.CONTENT_SIZE, message.contentSize() != Message.ABSENT);
  }

  /** The first message of an update names the model; those that follow carry its content. */
  private static void checkUpdate(Message message) {
    if (message.content() != null) {
      require(message, Tag.CONTENT_OFFSET, message.contentOffset() != Message.ABSENT);
    } else {
      checkName(message);
    }
  }

  private static void checkName(Message message) {
    require(message, Tag.MODEL_NAME, message.modelName() != null);
  }

  private static void require(Message message, Tag tag, boolean present) {
    if (!present) {
      throw McpException.streamError(
          ErrorCode.INVALID_ARGUMENT, message + " needs the field " + tag.describe());
    }
  }
}

package io.modelcontrol.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.ErrorLevel;
import io.modelcontrol.McpException;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageTest {
  @ParameterizedTest
  @CsvSource({
    "NEGOTIATE_REQ, negotiation (0x08)",
    "NEGOTIATE_RESP, negotiation (0x08)",
    "AUTH_REQ, auth method (0x09)",
    "MODEL_LOAD_REQ, model name (0x10)",
    "MODEL_UNLOAD_REQ, model name (0x10)",
    "MODEL_UPDATE, model name (0x10)",
    "INFERENCE_REQ, model name (0x10)"
  })
  void namesTheFieldThatIsMissing(MessageType type, String field) {
    assertMissing(Message.of(type), type + " needs the field " + field);
  }

  @ParameterizedTest
  @EnumSource(
      value = MessageType.class,
      names = {"AUTH_RESP", "STATE_SYNC", "INFERENCE_STREAM", "INFERENCE_RESULT", "STATUS"})
  void someMessagesMayBeEmpty(MessageType type) {
    assertThatCode(() -> Message.of(type).validate()).doesNotThrowAnyException();
  }

  @Test
  void aLoadNamesAllOfTheModelFirst() {
    Message load = Message.of(MessageType.MODEL_LOAD_REQ).modelName("m");
    assertMissing(load, "MODEL_LOAD_REQ needs the field model version (0x11)");
    load.modelVersion("1");
    assertMissing(load, "MODEL_LOAD_REQ needs the field model sha256 (0x12)");
    load.digest(Digest.of(new byte[32]));
    assertMissing(load, "MODEL_LOAD_REQ needs the field content size (0x17)");
    load.contentSize(0);
    load.validate();
  }

  @Test
  void contentSaysWhereItBelongs() {
    Message content = Message.of(MessageType.MODEL_LOAD_REQ).content(Unpooled.EMPTY_BUFFER);
    assertMissing(content, "MODEL_LOAD_REQ needs the field content offset (0x16)");
    content.contentOffset(0).validate();
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 0x0C, 0x7F, 0x100})
  void refusesTypesThatAreNotTheApplications(int type) {
    assertThatThrownBy(() -> Message.ofApplication(type))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anApplicationsMessageNeedsNothing() {
    assertThatCode(() -> Message.ofApplication(0x80).validate()).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void anErrorComesBackAsItWas(ErrorCode code) {
    McpException error =
        McpException.streamError(code, "why").withLevel(ErrorLevel.TRANSIENT).withRetryAfterMs(7);
    McpException back = Message.error(error).toException();
    if (!code.isError()) {
      assertThat(back).isNull();
      return;
    }
    assertThat(back.code()).isEqualTo(code);
    assertThat(back).hasMessage("why");
    assertThat(back.level()).isEqualTo(ErrorLevel.TRANSIENT);
    assertThat(back.retryAfterMs()).isEqualTo(7);
  }

  @Test
  void anErrorWithoutTextStillSaysSomething() {
    assertThat(Message.of(MessageType.STATUS).status(ErrorCode.UNKNOWN).toException())
        .hasMessage("the peer told no reason");
  }

  private static void assertMissing(Message message, String text) {
    assertThatThrownBy(message::validate)
        .isInstanceOfSatisfying(
            McpException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessage(text);
  }
}

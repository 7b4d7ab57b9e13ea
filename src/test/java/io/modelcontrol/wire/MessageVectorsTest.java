package io.modelcontrol.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.DataType;
import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.ErrorLevel;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.ModelId;
import io.modelcontrol.ModelState;
import io.modelcontrol.PreprocessStep;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.modelcontrol.testing.Vectors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What each message vector says, field by field, and that it is written the same. */
class MessageVectorsTest {
  private static final String SHA_OF_MODEL =
      "9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4";

  private static final Limits LIMITS = new Limits(128, 1 << 20, 8 << 20, 64 << 20, 30_000);

  static List<String> vectors() {
    return Vectors.names("message-").stream().filter(n -> !n.endsWith("-application")).toList();
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void eachVectorIsWrittenAsItWasRead(String name) {
    byte[] vector = Vectors.bytes(name);
    ByteBuf written =
        MessageEncoder.encode(
            MessageDecoder.decode(Vectors.buffer(name)), UnpooledByteBufAllocator.DEFAULT);
    assertThat(ByteBufUtil.hexDump(written)).isEqualTo(HexFormat.of().formatHex(vector));
    written.release();
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void eachVectorHasTheFieldsItNeeds(String name) {
    MessageDecoder.decode(Vectors.buffer(name)).validate();
  }

  @Test
  void negotiateRequest() {
    Message message = decode("message-negotiate-req");
    assertThat(message.standardType()).isEqualTo(MessageType.NEGOTIATE_REQ);
    Negotiation offered = message.negotiation();
    assertThat(offered)
        .isEqualTo(
            new Negotiation(
                0x100,
                0x100,
                Map.of("resume", true),
                Map.of("vendor.trace", new byte[] {1, 2}),
                LIMITS,
                "example/1.0"));
  }

  @Test
  void negotiateResponse() {
    Negotiation selected = decode("message-negotiate-resp").negotiation();
    assertThat(selected.version()).isEqualTo(0x100);
    assertThat(selected.limits()).isEqualTo(LIMITS);
    assertThat(selected.agent()).isEqualTo("vertx-model-control");
  }

  @Test
  void authentication() {
    Message request = decode("message-auth-req");
    assertThat(request.authMethod()).isEqualTo("token");
    assertThat(request.credential()).isEqualTo(ascii("secret-42"));
    Message response = decode("message-auth-resp");
    assertThat(response.status()).isEqualTo(ErrorCode.OK);
    assertThat(response.identity()).isEqualTo("edge-7");
    assertThat(response.roles()).containsExactly("model:write", "infer");
    assertThat(response.sessionToken()).containsExactly(0, -1, 0x10, -18);
    assertThat(response.toException()).isNull();
  }

  @Test
  void modelLoadRequest() {
    Message message = decode("message-model-load-req");
    assertThat(message.modelName()).isEqualTo("mnist");
    assertThat(message.modelVersion()).isEqualTo("1");
    assertThat(message.digest()).isEqualTo(Digest.ofHex(SHA_OF_MODEL));
    assertThat(message.parameters()).containsExactly(Map.entry("runtime", "onnx"));
    assertThat(message.contentSize()).isEqualTo(5);
    assertThat(message.content()).isNull();
    assertThat(message.contentOffset()).isEqualTo(-1);
    assertThat(message.timeoutMs()).isEqualTo(-1);
    assertThat(message.retryAfterMs()).isEqualTo(-1);
    assertThat(message.chunkIndex()).isEqualTo(-1);
    assertThat(message.tensors()).isEmpty();
  }

  @Test
  void contentOfAModel() {
    Message wanted = decode("message-status-continue");
    assertThat(wanted.status()).isEqualTo(ErrorCode.CONTINUE);
    assertThat(wanted.contentOffset()).isZero();
    assertThat(wanted.toException()).isNull();
    Message sent = decode("message-content");
    assertThat(sent.contentOffset()).isZero();
    assertThat(sent.content().toString(StandardCharsets.US_ASCII)).isEqualTo("model");
  }

  @Test
  void inferenceRequest() {
    Message message = decode("message-inference-req-float");
    assertThat(message.requestId()).hasSize(16).startsWith(0x10).endsWith(0x1F);
    assertThat(message.traceparent()).startsWith("00-0af7651916cd43dd").endsWith("-01");
    assertThat(message.timeoutMs()).isEqualTo(500);
    assertThat(message.requestedOutputs()).containsExactly("y");
    Tensor tensor = message.tensors().get(0);
    assertThat(tensor.name()).isEqualTo("x");
    assertThat(tensor.shape()).containsExactly(1, 3);
    assertThat(tensor.toFloats()).containsExactly(1.0f, -2.5f, 0.0f);
  }

  @Test
  void tensorsOfEveryKindOfSize() {
    Tensor strings = decode("message-inference-result-string").tensors().get(0);
    assertThat(strings.toStrings()).containsExactly("cat", "\u00FCber");
    Tensor nibbles = decode("message-inference-result-int4").tensors().get(0);
    assertThat(nibbles.dataType()).isEqualTo(DataType.INT4);
    assertThat(nibbles.elements()).isEqualTo(3);
    assertThat(nibbles.toByteArray()).containsExactly(0x71, 0x0F);
    Message stream = decode("message-inference-stream-bool");
    assertThat(stream.sequenceId()).hasSize(16);
    assertThat(stream.chunkIndex()).isEqualTo(300);
    assertThat(stream.tensors().get(0).rank()).isZero();
    assertThat(stream.tensors().get(0).toByteArray()).containsExactly(1);
  }

  @Test
  void statusWithAnError() {
    McpException error = decode("message-status-error").toException();
    assertThat(error.code()).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(error.getMessage()).isEqualTo("the queue of mnist is full");
    assertThat(error.level()).isEqualTo(ErrorLevel.TRANSIENT);
    assertThat(error.retryAfterMs()).isEqualTo(250);
    assertThat(error.scope()).isEqualTo(McpException.Scope.STREAM);
  }

  @Test
  void stateSync() {
    assertThat(decode("message-state-sync").descriptors())
        .containsExactly(
            new ModelDescriptor(
                new ModelId("mnist", "1"),
                Digest.ofHex(SHA_OF_MODEL),
                List.of(new TensorSpec("x", DataType.FLOAT, new long[] {-1, 3})),
                List.of(new TensorSpec("label", DataType.STRING, new long[] {-1})),
                List.of(new PreprocessStep("Resize", Map.of("width", "28"))),
                "onnx",
                Map.of("runtime", "onnx"),
                ModelState.READY));
  }

  @Test
  void anApplicationsMessageWithAFieldToSkip() {
    Message message = decode("message-application");
    assertThat(message.type()).isEqualTo(0x80);
    assertThat(message.standardType()).isNull();
    assertThat(message.statusText()).isEqualTo("hello");
  }

  private static Message decode(String name) {
    return MessageDecoder.decode(Vectors.buffer(name));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}

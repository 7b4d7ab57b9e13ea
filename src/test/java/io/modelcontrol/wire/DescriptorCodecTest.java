package io.modelcontrol.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.modelcontrol.DataType;
import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.ModelId;
import io.modelcontrol.ModelState;
import io.modelcontrol.PreprocessStep;
import io.modelcontrol.TensorSpec;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DescriptorCodecTest {
  @ParameterizedTest
  @EnumSource(ModelState.class)
  void allOfItComesBack(ModelState state) {
    ModelDescriptor descriptor =
        new ModelDescriptor(
            new ModelId("mnist", "1.0"),
            Digest.of(new byte[32]),
            List.of(
                new TensorSpec("x", DataType.FLOAT, new long[] {TensorSpec.DYNAMIC, 28, 28}),
                new TensorSpec("sequence", null, new long[0])),
            List.of(new TensorSpec("y", DataType.FLOAT8E8M0, new long[] {0})),
            List.of(
                new PreprocessStep("Resize", Map.of("width", "28", "height", "28")),
                new PreprocessStep("Normalize", Map.of())),
            "onnx",
            Map.of("a", "1", "b", ""),
            state);
    assertThat(decode(DescriptorCodec.encode(descriptor))).isEqualTo(descriptor);
  }

  @Test
  void whatIsAbsentIsLeftOut() {
    ModelDescriptor read = decode(builder().build().toByteArray());
    assertThat(read.digest()).isNull();
    assertThat(read.runtime()).isEmpty();
    assertThat(read.inputs()).isEmpty();
    assertThat(read.state()).isEqualTo(ModelState.LOADING);
  }

  @Test
  void whatANewerPeerMadeUpIsRead() {
    ModelDescriptor read =
        decode(
            builder()
                .setState("MELTING")
                .addInputs(
                    io.modelcontrol.wire.proto.TensorSpec.newBuilder().setDtype(-1).addShape(-9))
                .build()
                .toByteArray());
    assertThat(read.state()).isEqualTo(ModelState.LOADING);
    assertThat(read.inputs().get(0).dataType()).isNull();
    assertThat(read.inputs().get(0).shape()).containsExactly(TensorSpec.DYNAMIC);
  }

  @Test
  void refusesWhatBreaksItsBounds() {
    assertRefused(builder().setName("../etc"), ErrorCode.INVALID_ARGUMENT);
    assertRefused(
        builder().setSha256(ByteString.copyFrom(new byte[31])), ErrorCode.INVALID_ARGUMENT);
    assertRefused(builder().putParameters("a", "x".repeat(65536)), ErrorCode.MALFORMED_MESSAGE);
    io.modelcontrol.wire.proto.ModelDescriptor.Builder many = builder();
    io.modelcontrol.wire.proto.ModelDescriptor.Builder deep = builder();
    io.modelcontrol.wire.proto.TensorSpec.Builder rank =
        io.modelcontrol.wire.proto.TensorSpec.newBuilder();
    for (int i = 0; i <= 1024; i++) {
      many.addInputs(io.modelcontrol.wire.proto.TensorSpec.getDefaultInstance());
      rank.addShape(1);
    }
    assertRefused(many, ErrorCode.MALFORMED_MESSAGE);
    assertRefused(deep.addOutputs(rank), ErrorCode.MALFORMED_MESSAGE);
  }

  private static io.modelcontrol.wire.proto.ModelDescriptor.Builder builder() {
    return io.modelcontrol.wire.proto.ModelDescriptor.newBuilder().setName("m").setVersion("1");
  }

  private static void assertRefused(
      io.modelcontrol.wire.proto.ModelDescriptor.Builder proto, ErrorCode code) {
    assertThatThrownBy(() -> decode(proto.build().toByteArray()))
        .isInstanceOfSatisfying(
            McpException.class, e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(code));
  }

  private static ModelDescriptor decode(byte[] bytes) {
    return DescriptorCodec.decode(Unpooled.wrappedBuffer(bytes), bytes.length);
  }
}

package io.modelcontrol.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.McpException;
import io.modelcontrol.model.OnnxScanner.Limits;
import io.modelcontrol.testing.onnx.ModelProto;
import io.modelcontrol.testing.onnx.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProtoReaderTest {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 64, 4096})
  void judgesTheSameThroughAWindowOfAnySize(int windowBytes) throws IOException {
    TensorProto external = OnnxModels.externalTensors().get("location and entry");
    for (ModelProto model : OnnxModels.everyPlaceOf(external).values()) {
      assertThat(reasonThrough(windowBytes, model.toByteArray()))
          .isEqualTo(OnnxBytes.reasonOf(model.toByteArray(), Limits.DEFAULT));
    }
    TensorProto.Builder numbers = TensorProto.newBuilder().setDataType(7).addDims(1000);
    for (int i = 0; i < 1000; i++) {
      numbers.addInt64Data((long) i * i * i * i - 5);
    }
    byte[] good =
        OnnxModels.model(OnnxModels.graph().addInitializer(numbers).build()).build().toByteArray();
    assertThat(reasonThrough(windowBytes, good)).isEqualTo("accepted");
  }

  /** What is not needed for the judgement is not read: a GiB of raw data takes no time. */
  @Test
  void skipsRawDataWithoutReadingIt() throws IOException {
    long bytes = 1L << 30;
    OnnxBytes tensor = new OnnxBytes().raw(0x08).varint(bytes).raw(0x10, 2, 0x4A).varint(bytes);
    long tensorBytes = tensor.bytes().length + bytes;
    OnnxBytes graph = new OnnxBytes().raw(0x2A).varint(tensorBytes);
    OnnxBytes head = new OnnxBytes().raw(0x3A).varint(graph.bytes().length + tensorBytes);
    head.raw(OnnxBytes.unsigned(graph.bytes())).raw(OnnxBytes.unsigned(tensor.bytes()));
    Path file = directory.resolve("sparse");
    Files.write(file, head.bytes());
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(1), head.bytes().length + bytes - 1);
    }
    OnnxScanner.scan(file, Limits.DEFAULT);
  }

  private String reasonThrough(int windowBytes, byte[] content) throws IOException {
    Path file = directory.resolve("model");
    Files.write(file, content);
    try (FileChannel channel = FileChannel.open(file)) {
      new OnnxWalk(ProtoReader.of(channel, windowBytes), Limits.DEFAULT).run();
      return "accepted";
    } catch (McpException e) {
      return e.getMessage();
    }
  }
}

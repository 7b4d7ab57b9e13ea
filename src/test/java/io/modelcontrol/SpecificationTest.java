package io.modelcontrol;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.serving.ServingOptions;
import io.modelcontrol.wire.FrameDecoder;
import io.modelcontrol.wire.FrameEncoder;
import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameListener;
import io.modelcontrol.wire.FrameType;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageDecoder;
import io.modelcontrol.wire.MessageEncoder;
import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.Tag;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The specification says what the code does: its vectors are codec bytes, its tables the enums. */
class SpecificationTest {
  private static final Path SPECIFICATION = Path.of("src/main/asciidoc/specification.adoc");
  private static final Path VECTORS = Path.of("src/test/resources/vectors");
  private static final Pattern VECTOR =
      Pattern.compile("(?m)^\\.vector: (\\S+)\\n\\[source,hex]\\n----\\n((?s:.*?))\\n----$");

  /** Has a field that is skipped, so that encoding it again is shorter. */
  private static final String WITH_UNKNOWN_FIELD = "message-application";

  private static final String TEXT = read(SPECIFICATION);

  static Stream<String> frames() {
    return vectors().keySet().stream().filter(name -> name.startsWith("frame-"));
  }

  static Stream<String> messages() {
    return vectors().keySet().stream().filter(name -> name.startsWith("message-"));
  }

  @Test
  void quotesEveryVectorOfTheTests() throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.list(VECTORS)) {
      all.filter(path -> path.toString().endsWith(".hex"))
          .forEach(path -> files.put(nameOf(path), hexOf(read(path))));
    }
    Map<String, String> quoted = new TreeMap<>();
    vectors().forEach((name, bytes) -> quoted.put(name, ByteBufUtil.hexDump(bytes)));
    assertThat(quoted).isEqualTo(files);
  }

  @ParameterizedTest
  @MethodSource("frames")
  void framesDecodeAndEncodeAsWritten(String name) {
    byte[] bytes = vectors().get(name);
    List<String> encoded = new ArrayList<>();
    FrameDecoder decoder =
        new FrameDecoder(
            new FrameListener() {
              @Override
              public void onFrame(FrameType type, int flags, int streamId, ByteBuf payload) {
                encoded.add(encodedFrame(type, flags, streamId, payload));
              }

              @Override
              public void onExtension(int type) {
                encoded.add(ByteBufUtil.hexDump(bytes));
              }
            });
    decoder.decode(Unpooled.wrappedBuffer(bytes));
    assertThat(encoded).containsExactly(ByteBufUtil.hexDump(bytes));
  }

  private static String encodedFrame(FrameType type, int flags, int streamId, ByteBuf payload) {
    ByteBuf frame = Unpooled.buffer(FrameHeader.LENGTH + payload.readableBytes());
    new FrameEncoder().header(frame, type.code(), flags, streamId, payload);
    frame.writeBytes(payload);
    payload.release();
    return ByteBufUtil.hexDump(frame);
  }

  @ParameterizedTest
  @MethodSource("messages")
  void messagesDecodeAndEncodeAsWritten(String name) {
    byte[] bytes = vectors().get(name);
    Message message = MessageDecoder.decode(Unpooled.wrappedBuffer(bytes));
    ByteBuf encoded = MessageEncoder.encode(message, ByteBufAllocator.DEFAULT);
    byte[] again = ByteBufUtil.getBytes(encoded);
    encoded.release();
    if (name.equals(WITH_UNKNOWN_FIELD)) {
      assertThat(bytes).startsWith(again).hasSizeGreaterThan(again.length);
    } else {
      assertThat(again).isEqualTo(bytes);
    }
  }

  @Test
  void messageVectorsCoverEveryType() {
    List<Integer> types = messages().map(name -> vectors().get(name)[0] & 0xFF).distinct().toList();
    for (MessageType type : MessageType.values()) {
      assertThat(types).contains(type.code());
    }
  }

  @Test
  void listsEveryErrorCodeWithItsLayerAndLevel() {
    List<String> expected =
        Stream.of(ErrorCode.values())
            .map(
                code ->
                    String.format(
                        "0x%04X %s %s %s",
                        code.code(),
                        code,
                        code.layer(),
                        code.level() == null ? "none" : code.level()))
            .toList();
    assertThat(columns("error-codes", 4)).isEqualTo(expected);
  }

  @Test
  void listsEveryFieldAndWhetherItMayRepeat() {
    List<String> expected =
        Stream.of(Tag.values())
            .map(tag -> String.format("0x%02X %s %s", tag.code(), tag, yes(tag.isRepeatable())))
            .toList();
    assertThat(columns("tags", 3)).isEqualTo(expected);
  }

  private static String yes(boolean value) {
    return value ? "yes" : "no";
  }

  @Test
  void listsEveryStandardMessage() {
    List<String> expected =
        Stream.of(MessageType.values())
            .map(type -> String.format("0x%02X %s", type.code(), type))
            .toList();
    assertThat(columns("message-types", 2)).isEqualTo(expected);
  }

  @Test
  void listsEveryDataTypeWithItsBits() {
    List<String> expected =
        Stream.of(DataType.values())
            .map(
                type ->
                    type.code()
                        + " "
                        + type
                        + " "
                        + (type.isFixedSize() ? type.bits() : "variable"))
            .toList();
    assertThat(columns("dtypes", 3)).isEqualTo(expected);
  }

  @Test
  void listsEveryFrameTypeWithItsLongestPayload() {
    List<String> expected =
        Stream.of(FrameType.values())
            .map(type -> String.format("0x%02X %s %d", type.code(), type, type.maxPayload()))
            .toList();
    List<String> actual =
        rows("frame-types").stream()
            .map(row -> row.get(0) + " " + row.get(1) + " " + row.get(3))
            .toList();
    assertThat(actual).isEqualTo(expected);
  }

  @Test
  void tellsTheDefaultsOfTheOptions() {
    Map<String, String> limits =
        rows("limits").stream().collect(Collectors.toMap(row -> row.get(0), row -> row.get(1)));
    assertThat(limits.get("streams that a client has open"))
        .isEqualTo("" + McpServerOptions.DEFAULT_MAX_CONCURRENT_STREAMS);
    assertThat(limits.get("stream window"))
        .isEqualTo(McpServerOptions.DEFAULT_STREAM_WINDOW_BYTES + " bytes");
    assertThat(limits.get("session window"))
        .isEqualTo(McpServerOptions.DEFAULT_SESSION_WINDOW_BYTES + " bytes");
    assertThat(limits.get("message"))
        .isEqualTo(McpServerOptions.DEFAULT_MAX_MESSAGE_BYTES + " bytes");
    assertThat(limits.get("keepalive interval"))
        .isEqualTo(McpServerOptions.DEFAULT_KEEPALIVE_MS + " ms");
    assertThat(limits.get("from connected to Ready"))
        .isEqualTo(McpServerOptions.DEFAULT_HANDSHAKE_TIMEOUT_MS + " ms");
    assertThat(limits.get("timeout of a request that brings none"))
        .isEqualTo(ServingOptions.DEFAULT_TIMEOUT_MS + " ms");
    assertThat(limits.get("longest timeout of a request"))
        .isEqualTo(ServingOptions.DEFAULT_MAX_TIMEOUT_MS + " ms");
    assertThat(limits.get("a recorded answer"))
        .isEqualTo(ServingOptions.DEFAULT_IDEMPOTENCY_WINDOW_MS + " ms");
    assertThat(limits.get("recorded requests of an identity"))
        .isEqualTo("" + ServingOptions.DEFAULT_IDEMPOTENCY_RECORDS);
    assertThat(limits.get("recorded answers of an identity"))
        .isEqualTo(ServingOptions.DEFAULT_IDEMPOTENCY_BYTES + " bytes");
  }

  private static List<String> columns(String table, int count) {
    return rows(table).stream().map(row -> String.join(" ", row.subList(0, count))).toList();
  }

  /** The rows of a table, each on one line, without the header. */
  private static List<List<String>> rows(String anchor) {
    int start = TEXT.indexOf("\n|===\n", TEXT.indexOf("[[" + anchor + "]]"));
    int end = TEXT.indexOf("\n|===", start + 1);
    return TEXT.substring(start, end)
        .lines()
        .filter(line -> line.startsWith("|") && !line.equals("|==="))
        .skip(1)
        .map(line -> Stream.of(line.substring(1).split("\\|", -1)).map(String::strip).toList())
        .toList();
  }

  private static Map<String, byte[]> vectors() {
    Map<String, byte[]> vectors = new TreeMap<>();
    Matcher matcher = VECTOR.matcher(TEXT);
    while (matcher.find()) {
      vectors.put(matcher.group(1), ByteBufUtil.decodeHexDump(hexOf(matcher.group(2))));
    }
    return vectors;
  }

  /** Hexadecimal digits without comments and blanks. */
  private static String hexOf(String text) {
    return text.replaceAll("#[^\\n]*", "").replaceAll("\\s+", "").toLowerCase(Locale.ROOT);
  }

  private static String nameOf(Path file) {
    String name = file.getFileName().toString();
    return name.substring(0, name.length() - ".hex".length());
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

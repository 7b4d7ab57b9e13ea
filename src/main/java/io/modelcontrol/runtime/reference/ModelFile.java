package io.modelcontrol.runtime.reference;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads a model's JSON within bounds: it comes from the network, and a parser is easily bloated.
 */
final class ModelFile {
  /** Bytes of a model. */
  static final int MAX_BYTES = 16 << 20;

  /** Objects and arrays within each other; an mlp needs four. */
  static final int MAX_DEPTH = 16;

  /** Objects and arrays in all: each takes far more memory than its two bytes of text. */
  static final int MAX_CONTAINERS = 200_000;

  private ModelFile() {}

  /**
   * The JSON object that a file holds.
   *
   * @throws McpException MODEL_REJECTED if there is none, or it is too large
   */
  static JsonObject read(Path file) {
    byte[] content = bytes(file);
    checkNesting(content);
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
      return new JsonObject(text);
    } catch (CharacterCodingException e) {
      throw ModelJson.rejected("not UTF-8");
    } catch (DecodeException | ClassCastException e) {
      throw ModelJson.rejected("no valid JSON object");
    }
  }

  private static byte[] bytes(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] content = in.readNBytes(MAX_BYTES + 1);
      if (content.length > MAX_BYTES) {
        throw ModelJson.rejected("more than " + MAX_BYTES + " bytes");
      }
      return content;
    } catch (IOException e) {
      throw McpException.streamError(
          ErrorCode.RUNTIME_FAILURE, "the model's content cannot be read", e);
    }
  }

  private static void checkNesting(byte[] content) {
    int depth = 0;
    int containers = 0;
    boolean quoted = false;
    for (int i = 0; i < content.length; i++) {
      byte next = content[i];
      if (quoted && next == '\\') {
        i++;
      } else if (next == '"') {
        quoted = !quoted;
      } else if (!quoted && (next == '{' || next == '[')) {
        depth++;
        containers++;
      } else if (!quoted && (next == '}' || next == ']')) {
        depth--;
      }
      if (depth > MAX_DEPTH || containers > MAX_CONTAINERS) {
        throw ModelJson.rejected(
            "nested deeper than " + MAX_DEPTH + " or more than " + MAX_CONTAINERS + " arrays");
      }
    }
  }
}

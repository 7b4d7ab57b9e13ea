package io.modelcontrol.verticle;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A node's config: the built-in file of its role, over it the operator's file, over both what the
 * command line says. Blocks: reads files. Unknown keys and wrong types are refused.
 */
public final class NodeConfig {
  private static final String FOLDER = "/io/modelcontrol/";

  private final Role role;
  private final JsonObject json;

  private NodeConfig(Role role, JsonObject json) {
    this.role = role;
    this.json = json;
  }

  /** The built-in config of a role. */
  public static NodeConfig of(Role role) {
    return new NodeConfig(role, new JsonObject()).with(builtIn("config/" + role.word() + ".json"));
  }

  /**
   * This config with the keys of a file over it.
   *
   * @throws McpException INVALID_ARGUMENT if the file cannot be read, is no JSON object, has a key
   *     that the schema lacks, or a value of the wrong type
   */
  public NodeConfig withFile(Path file) {
    try {
      return with(new JsonObject(Files.readString(file)));
    } catch (IOException e) {
      throw refused("the file cannot be read", e);
    } catch (DecodeException | ClassCastException e) {
      throw refused("the file holds no JSON object", e);
    }
  }

  /**
   * This config with these keys over it.
   *
   * @throws McpException INVALID_ARGUMENT if a key is unknown, or a value of the wrong type
   */
  public NodeConfig with(JsonObject keys) {
    new ConfigSchema(builtIn("config/schema.json")).check(keys);
    return new NodeConfig(role, json.copy().mergeIn(withoutComments(keys), true));
  }

  public Role role() {
    return role;
  }

  /** A section, empty where the config has none. */
  public JsonObject section(String name) {
    return json.getJsonObject(name, new JsonObject()).copy();
  }

  /** The verticles that a node of this role deploys, in order. */
  public List<VerticleDescriptor> verticles() {
    JsonArray list = new JsonArray(resource("verticles/" + role.word() + ".json"));
    List<VerticleDescriptor> descriptors = new ArrayList<>();
    list.forEach(item -> descriptors.add(VerticleDescriptor.of((JsonObject) item)));
    return descriptors;
  }

  static JsonObject builtIn(String name) {
    return new JsonObject(resource(name));
  }

  private static String resource(String name) {
    try (InputStream in = NodeConfig.class.getResourceAsStream(FOLDER + name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing from the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonObject withoutComments(JsonObject object) {
    JsonObject plain = new JsonObject();
    for (String key : object.fieldNames()) {
      Object value = object.getValue(key);
      if (!key.startsWith(ConfigSchema.COMMENT)) {
        plain.put(key, value instanceof JsonObject inner ? withoutComments(inner) : value);
      }
    }
    return plain;
  }

  private static McpException refused(String text, Throwable cause) {
    return McpException.streamError(ErrorCode.INVALID_ARGUMENT, "config: " + text, cause);
  }
}

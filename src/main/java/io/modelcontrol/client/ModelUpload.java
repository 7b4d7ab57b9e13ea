package io.modelcontrol.client;

import io.modelcontrol.Digest;
import io.modelcontrol.ModelId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A model to be loaded: its name and version, its content, and the parameters for its runtime.
 * Contract 3, Load. The content is sent only if the server lacks it; a file is read piece by piece.
 */
public final class ModelUpload {
  /** The parameter that carries a signature. */
  private static final String SIGNATURE = "signature";

  private final ModelId id;
  private final Path file;
  private final ByteBuf memory;
  private final Map<String, String> parameters = new LinkedHashMap<>(0);
  private Digest digest;
  private boolean delta = true;
  private Handler<UploadProgress> progressHandler;

  private ModelUpload(ModelId id, Path file, ByteBuf memory) {
    this.id = id;
    this.file = file;
    this.memory = memory;
  }

  /**
   * A model in a file, which must not change until it is loaded.
   *
   * @throws io.modelcontrol.McpException INVALID_ARGUMENT if name or version is no plain word
   */
  public static ModelUpload of(String name, String version, Path file) {
    return new ModelUpload(new ModelId(name, version), Objects.requireNonNull(file, "file"), null);
  }

  /**
   * A model in memory, which is not copied.
   *
   * @throws io.modelcontrol.McpException INVALID_ARGUMENT if name or version is no plain word
   */
  public static ModelUpload of(String name, String version, Buffer content) {
    return new ModelUpload(
        new ModelId(name, version), null, ((BufferInternal) content).getByteBuf());
  }

  /**
   * A model in memory, which is not copied.
   *
   * @throws io.modelcontrol.McpException INVALID_ARGUMENT if name or version is no plain word
   */
  public static ModelUpload of(String name, String version, byte[] content) {
    return new ModelUpload(new ModelId(name, version), null, Unpooled.wrappedBuffer(content));
  }

  public ModelId id() {
    return id;
  }

  /** The file with the content; {@code null} if it is in memory. */
  public Path file() {
    return file;
  }

  /** The content; {@code null} if it is in a file. */
  public ByteBuf memory() {
    return memory;
  }

  /** The SHA-256 of the content; {@code null} lets the client compute it. */
  public Digest digest() {
    return digest;
  }

  /** Sets the SHA-256 of the content, which saves the client from computing it. */
  public ModelUpload digest(Digest newDigest) {
    digest = newDigest;
    return this;
  }

  /** Whether only what the server lacks is sent, where it has a version to build on. */
  public boolean delta() {
    return delta;
  }

  /** Sets whether the server may be told the chunks of the content, to send only those it lacks. */
  public ModelUpload delta(boolean newDelta) {
    delta = newDelta;
    return this;
  }

  public Map<String, String> parameters() {
    return Collections.unmodifiableMap(parameters);
  }

  /** Adds a parameter for the runtime, or replaces the one of that key. */
  public ModelUpload parameter(String key, String value) {
    parameters.put(key, Objects.requireNonNull(value, "value"));
    return this;
  }

  /**
   * Sets the signature of the content, a bundle of OpenSSF Model Signing, for servers that ask for
   * one.
   */
  public ModelUpload signature(String bundle) {
    return parameter(SIGNATURE, bundle);
  }

  /** Who is told how far the upload is; {@code null} for nobody. */
  public Handler<UploadProgress> progressHandler() {
    return progressHandler;
  }

  /** Registers who is told how far the upload is, on the context that calls load. */
  public ModelUpload progressHandler(Handler<UploadProgress> handler) {
    progressHandler = handler;
    return this;
  }
}

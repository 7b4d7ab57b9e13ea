package io.modelcontrol.client;

import io.vertx.core.Handler;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The next version of a model, and how it takes over: at once when it is warm, or after a trial.
 * Specification, Update.
 */
public final class ModelUpdate {
  /** Parameters of the request that begin so say how; those of the model are without it. */
  private static final String PREFIX = "update.";

  private final ModelUpload upload;
  private final Map<String, String> policy = new LinkedHashMap<>();
  private Handler<UpdateProgress> progressHandler;

  private ModelUpdate(ModelUpload upload) {
    this.upload = Objects.requireNonNull(upload, "upload");
  }

  /** An update to a version, which is active as soon as it is loaded and warm. */
  public static ModelUpdate of(ModelUpload upload) {
    return new ModelUpdate(upload);
  }

  /** The version, its content, and the parameters for its runtime. */
  public ModelUpload upload() {
    return upload;
  }

  /** Has it answer a share of the requests first, 1 to 100 percent. */
  public ModelUpdate canary(int percent) {
    return parameter("policy", "canary").parameter("share", Integer.toString(percent));
  }

  /** Has it answer all requests of some identities first. */
  public ModelUpdate canary(String... identities) {
    return parameter("policy", "canary").parameter("identities", String.join(",", identities));
  }

  /** Has it run on copies of requests first; its answers are compared and dropped. */
  public ModelUpdate shadow() {
    return parameter("policy", "shadow");
  }

  /** Sets how many requests make a trial. */
  public ModelUpdate trialRequests(int requests) {
    return parameter("trial-requests", Integer.toString(requests));
  }

  /** Any other parameter of the specification, without {@code update.}. */
  public ModelUpdate parameter(String key, String value) {
    policy.put(PREFIX + key, Objects.requireNonNull(value, "value"));
    return this;
  }

  /** All that says how, as it is sent. */
  public Map<String, String> policy() {
    return Collections.unmodifiableMap(policy);
  }

  /** Who is told how the update stands; {@code null} for nobody. */
  public Handler<UpdateProgress> progressHandler() {
    return progressHandler;
  }

  /** Registers who is told how the update stands, on the context that calls update. */
  public ModelUpdate progressHandler(Handler<UpdateProgress> handler) {
    progressHandler = handler;
    return this;
  }
}

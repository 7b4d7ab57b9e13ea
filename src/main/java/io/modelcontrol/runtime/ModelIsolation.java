package io.modelcontrol.runtime;

import io.modelcontrol.Digest;
import io.modelcontrol.ModelId;
import io.vertx.core.Vertx;
import java.util.List;

/**
 * Keeps what a model can do to its process away from the node. Found by {@link
 * java.util.ServiceLoader}, one instance for each model host; it has a public constructor without
 * arguments.
 */
public interface ModelIsolation {
  /** Of no model: every one runs within the node. */
  String NONE = "none";

  /** Of models of identities that are not trusted. */
  String UNTRUSTED = "untrusted";

  /** Of every model. */
  String PROCESS = "process";

  /** What there is to choose from. */
  List<String> ALL = List.of(NONE, UNTRUSTED, PROCESS);

  /**
   * A runtime whose models live in another process.
   *
   * @param inner what executes the model there
   * @param digest of the content, by which a model that ends its processes is known again
   */
  ModelRuntime isolate(
      Vertx vertx, ModelHostOptions options, ModelRuntime inner, ModelId id, Digest digest);
}

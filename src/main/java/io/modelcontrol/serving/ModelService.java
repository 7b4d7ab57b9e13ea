package io.modelcontrol.serving;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.runtime.MessageBus;
import io.modelcontrol.runtime.ModelCatalog;
import io.modelcontrol.server.McpServer;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.Closeable;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;

/**
 * Serves models on an {@link io.modelcontrol.server.McpServer}: load, unload, list and infer. The
 * workers may be in this process or on other nodes; requests reach them over the event bus by the
 * same path.
 */
public final class ModelService {
  /** Recorded answers whose time has passed are given up this often. */
  private static final long EVICTION_MS = 5_000;

  private final Vertx vertx;
  private final ModelCatalog catalog;
  private final InferenceHandler inference;
  private final ShardHandler shards;
  private final LoadHandler load;
  private final CatalogHandler lists;
  private final Closeable closeHook =
      done -> {
        close();
        done.succeed();
      };
  private ContextInternal context;
  private long evictionTimer;

  private ModelService(Vertx vertx, ServingOptions options) {
    this.vertx = vertx;
    MessageBus bus = new MessageBus(vertx);
    catalog = new ModelCatalog(vertx, bus, System::nanoTime);
    inference = new InferenceHandler(bus, catalog, options, System::nanoTime);
    shards = new ShardHandler(vertx, options, inference::handle);
    load = new LoadHandler(bus, options);
    lists = new CatalogHandler(bus, catalog, options);
  }

  /** Creates the service; {@link #mount} it before the server listens. */
  public static ModelService create(Vertx vertx, ServingOptions options) {
    return new ModelService(vertx, options);
  }

  /**
   * Registers the handlers of the standard messages, and begins to follow the catalog. Closed with
   * the verticle that mounts it, if not before.
   */
  public ModelService mount(McpServer server) {
    server
        .requestHandler(MessageType.INFERENCE_REQ, inference::handle)
        .requestHandler(MessageType.INFERENCE_STREAM, this::onStream)
        .requestHandler(
            MessageType.MODEL_LOAD_REQ, request -> new LoadHandler.Exchange(load, request))
        .requestHandler(MessageType.MODEL_UNLOAD_REQ, lists::unload)
        .requestHandler(MessageType.STATE_SYNC, lists::list);
    catalog.start();
    context = ((VertxInternal) vertx).getOrCreateContext();
    context.closeFuture().add(closeHook);
    evictionTimer = vertx.setPeriodic(EVICTION_MS, id -> inference.evictOverdue());
    return this;
  }

  private void onStream(McpServerRequest request) {
    String mode = request.message().parameters().get(ShardedInput.MODE);
    if (ShardedInput.SHARDS.equals(mode)) {
      shards.handle(request);
      return;
    }
    request.message().release();
    request.fail(
        McpException.streamError(
            ErrorCode.UNSUPPORTED_MESSAGE, "mode 'shards' was expected, came '" + mode + "'"));
  }

  /** Stops following the catalog, and gives up the answers that were recorded. */
  public void close() {
    context.closeFuture().remove(closeHook);
    vertx.cancelTimer(evictionTimer);
    catalog.stop();
    inference.close();
  }
}

package io.modelcontrol.serving;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.runtime.MessageBus;
import io.modelcontrol.runtime.ModelCatalog;
import io.modelcontrol.server.McpServer;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.wire.DeltaParameters;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.UploadParameters;
import io.vertx.core.Closeable;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;

/**
 * Serves models on an {@link io.modelcontrol.server.McpServer}: load, update, unload, list and
 * infer. The workers may be in this process or on other nodes; requests reach them over the event
 * bus by the same path.
 */
public final class ModelService {
  private static final String SEQUENCE = "sequence";
  private static final String GENERATE = "generate";

  /** Recorded answers whose time has passed are given up this often. */
  private static final long EVICTION_MS = 5_000;

  private final Vertx vertx;
  private final ModelCatalog catalog;
  private final InferenceHandler inference;
  private final ShardHandler shards;
  private final StreamingHandler streaming;
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
    shards = new ShardHandler(vertx, options, this::onRequest);
    streaming = new StreamingHandler(vertx, bus, inference);
    load = new LoadHandler(bus, catalog, options);
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
        .capability(DeltaParameters.DELTA)
        .requestHandler(MessageType.INFERENCE_REQ, this::onRequest)
        .requestHandler(MessageType.INFERENCE_STREAM, this::onStream)
        .requestHandler(
            MessageType.MODEL_LOAD_REQ, request -> new LoadHandler.Exchange(load, request))
        .requestHandler(MessageType.MODEL_UPDATE, this::onUpdate)
        .requestHandler(MessageType.MODEL_UNLOAD_REQ, lists::unload)
        .requestHandler(MessageType.STATE_SYNC, lists::list);
    catalog.start();
    context = ((VertxInternal) vertx).getOrCreateContext();
    context.closeFuture().add(closeHook);
    evictionTimer = vertx.setPeriodic(EVICTION_MS, id -> inference.evictOverdue());
    streaming.start();
    return this;
  }

  private void onRequest(McpServerRequest request) {
    Message message = request.message();
    if (GENERATE.equals(message.parameters().get(ShardedInput.MODE))) {
      streaming.generate(request);
    } else if (message.sequenceId() != null) {
      streaming.step(request);
    } else {
      inference.handle(request);
    }
  }

  private void onUpdate(McpServerRequest request) {
    if (request.message().parameters().containsKey(UploadParameters.ACTION)) {
      lists.act(request);
    } else {
      new LoadHandler.Exchange(load, request);
    }
  }

  private void onStream(McpServerRequest request) {
    String mode = request.message().parameters().getOrDefault(ShardedInput.MODE, SEQUENCE);
    switch (mode) {
      case SEQUENCE -> streaming.sequence(request);
      case GENERATE -> streaming.generate(request);
      case ShardedInput.SHARDS -> shards.handle(request);
      default -> {
        request.message().release();
        request.fail(
            McpException.streamError(
                ErrorCode.INVALID_ARGUMENT,
                "parameter mode: '"
                    + String.join("', '", SEQUENCE, GENERATE, ShardedInput.SHARDS)
                    + "' was expected, came '"
                    + (mode.length() > 32 ? mode.substring(0, 32) + "..." : mode)
                    + "'"));
      }
    }
  }

  /** Stops following the catalog, and gives up the answers that were recorded. */
  public void close() {
    context.closeFuture().remove(closeHook);
    vertx.cancelTimer(evictionTimer);
    streaming.stop();
    catalog.stop();
    inference.close();
  }
}

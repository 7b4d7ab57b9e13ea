package io.modelcontrol.client;

import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.impl.McpClientImpl;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.wire.Message;
import io.vertx.codegen.annotations.Fluent;
import io.vertx.codegen.annotations.GenIgnore;
import io.vertx.codegen.annotations.VertxGen;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A client of MCP, the Model Control Protocol (not the Model Context Protocol): one session with
 * one server, on which any number of requests run side by side.
 *
 * <p>Thread-safe. The session lives on the event loop that created the client, or on one of its own
 * if it was created elsewhere; requests made there do without a thread hop. Futures complete on the
 * context of their caller, and fail with a {@link io.modelcontrol.McpException}. Requests beyond
 * the streams that the server allows wait here, and the wait counts against their timeout.
 *
 * <p>A lost connection fails what was under way with the network's error, whether or not the server
 * worked on it; {@link #connect()} connects again. Nothing is sent twice by itself.
 */
@VertxGen
public interface McpClient {
  /** Creates a client of the server at 127.0.0.1, port 9001. */
  static McpClient create(Vertx vertx) {
    return create(vertx, new McpClientOptions());
  }

  /** Creates a client; nothing is connected before {@link #connect()}. */
  static McpClient create(Vertx vertx, McpClientOptions options) {
    return new McpClientImpl(vertx, options);
  }

  /**
   * Connects, negotiates and authenticates, in one round trip. While the client is connected, or
   * connects, further calls share the outcome of the first. Requests that are made meanwhile wait.
   *
   * @return failed with one of the NETWORK codes, VERSION_MISMATCH, NEGOTIATION_TIMEOUT or
   *     UNAUTHENTICATED
   */
  Future<Void> connect();

  /**
   * Loads a model, and sends its content if the server lacks it.
   *
   * @return the model once it is ready; failed with MODEL_REJECTED, MODEL_DIGEST_MISMATCH,
   *     UPDATE_CONFLICT or RESOURCE_EXHAUSTED among others
   */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  Future<ModelDescriptor> load(ModelUpload upload);

  /** Unloads all versions of a model. */
  Future<Void> unload(String name);

  /** Unloads one version of a model; failed with MODEL_NOT_FOUND if it is not loaded. */
  Future<Void> unload(String name, String version);

  /**
   * Replaces the active version of a model while it is used; loads it where there is none.
   *
   * @return the version, once it is active; failed with UPDATE_ROLLED_BACK if it did not stand its
   *     trial, UPDATE_CONFLICT if the model is being updated, or as {@link #load} fails: the
   *     version before is active then
   */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  Future<ModelDescriptor> update(ModelUpdate update);

  /**
   * Ends a trial that is under way, else goes back to the version that was active before.
   *
   * @return the version that is active then; failed with MODEL_NOT_FOUND if there is none before
   */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  Future<ModelDescriptor> rollback(String name);

  /** Makes the version on trial active; failed with UPDATE_CONFLICT if there is none. */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  Future<ModelDescriptor> promote(String name);

  /** Makes a version active that is loaded; failed with MODEL_NOT_FOUND if it is not. */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  Future<ModelDescriptor> activate(String name, String version);

  /** All models that the server knows. */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  Future<List<ModelDescriptor>> list();

  /** All versions of a model; empty if there is none. */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  Future<List<ModelDescriptor>> list(String name);

  /**
   * Asks a model. The caller leaves the input tensors unchanged until the result is there.
   *
   * @return the result, which needs no release; failed with MODEL_NOT_FOUND, INVALID_TENSOR,
   *     UNSUPPORTED_DTYPE, OVERLOADED, DEADLINE_EXCEEDED or RUNTIME_FAILURE among others
   */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  Future<InferenceResult> infer(InferenceRequest request);

  /**
   * As {@link #infer(InferenceRequest)}; failed with REQUEST_CANCELED if the caller gives it up.
   */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  Future<InferenceResult> infer(InferenceRequest request, Cancellation cancellation);

  /** Asks the active version of a model, for all its outputs. */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  default Future<InferenceResult> infer(String model, Tensor... inputs) {
    return infer(InferenceRequest.of(model, inputs));
  }

  /**
   * Opens a sequence: a model whose state stays on the worker from step to step.
   *
   * @return the sequence once a stream is free for it; whether the model is there is told by the
   *     first step
   */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  Future<McpSequence> sequence(SequenceRequest request);

  /**
   * Asks a model to continue a text, token by token.
   *
   * @return the tokens, once the first one is there; failed with MODEL_NOT_FOUND, INVALID_ARGUMENT
   *     or DEADLINE_EXCEEDED among others
   */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  default Future<McpGeneration> generate(GenerationRequest request) {
    return generate(request, new Cancellation());
  }

  /** As {@link #generate(GenerationRequest)}; the cancellation also ends it before its first. */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  Future<McpGeneration> generate(GenerationRequest request, Cancellation cancellation);

  /**
   * Sends a message of any type, takes it over, and waits for one message back. A STATUS with an
   * error fails the future.
   *
   * @return the answer, in memory of the garbage collector: it needs no release
   */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  Future<Message> request(Message message);

  /**
   * Opens a stream for messages either way. The future completes on the client's context, and the
   * stream is used there only. Its messages are owned by its handler, who releases them.
   */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  Future<McpStream> stream();

  /** Asks the server for a sign of life; gives the time of the round trip in nanoseconds. */
  Future<Long> ping();

  /**
   * Follows the models of the server: the handler gets all of them now, and again with each change,
   * on the context of the caller.
   *
   * @return completed with the first list
   */
  @GenIgnore(GenIgnore.PERMITTED_TYPE)
  Future<McpSubscription> watch(Handler<List<ModelDescriptor>> handler);

  /** Registers who is told when a session that was Ready has ended, for whatever reason. */
  @Fluent
  McpClient closeHandler(Handler<Void> handler);

  /** Who the server takes this client for; empty before the first {@link #connect()}. */
  String identity();

  /**
   * Sends no more requests, lets the running ones finish, and closes what is left after the time.
   */
  Future<Void> shutdown(long timeout, TimeUnit unit);

  /** Closes the session now; what is under way fails with NETWORK_CONNECTION_CLOSED. */
  Future<Void> close();
}

package io.modelcontrol.client.impl;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.ModelId;
import io.modelcontrol.client.Cancellation;
import io.modelcontrol.client.GenerationRequest;
import io.modelcontrol.client.InferenceRequest;
import io.modelcontrol.client.InferenceResult;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.client.McpGeneration;
import io.modelcontrol.client.McpSequence;
import io.modelcontrol.client.McpSubscription;
import io.modelcontrol.client.ModelUpdate;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.client.SequenceRequest;
import io.modelcontrol.session.SessionConfig;
import io.modelcontrol.session.transport.McpStream;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The client: turns calls from any thread into exchanges on the client's context, where one {@link
 * ClientConnection} at a time is current.
 */
public final class McpClientImpl implements McpClient {
  private final VertxInternal vertx;
  private final ContextInternal context;
  private final McpClientOptions options;
  private final SessionConfig sessionConfig;
  private final Connector connector;
  private final RequestEncoder requests = new RequestEncoder();
  private final RetryPolicy retryPolicy;
  private final ModelCalls models;
  private volatile Handler<Void> closeHandler;
  private volatile String identity = "";
  private ClientConnection current;

  /** Whether a lost session is followed by a new one when there is something to ask. */
  private boolean comesBack;

  /** Made by {@link McpClient#create}. */
  public McpClientImpl(Vertx vertx, McpClientOptions options) {
    this.vertx = (VertxInternal) vertx;
    this.options = new McpClientOptions(options);
    this.context = eventLoopContext(this.vertx);
    this.retryPolicy = new RetryPolicy(this.options.getRetry(), new SplittableRandom());
    this.models = new ModelCalls(context, this.options, retryPolicy, this::withConnection);
    this.sessionConfig = SessionConfigs.of(this.options);
    this.connector = new Connector(vertx, this.options);
  }

  private static ContextInternal eventLoopContext(VertxInternal vertx) {
    ContextInternal calling = vertx.getContext();
    return calling != null && calling.isEventLoopContext()
        ? calling.unwrap()
        : vertx.contextBuilder().build();
  }

  @Override
  public Future<Void> connect() {
    Promise<Void> promise = callerPromise();
    context.execute(v -> connected().onComplete(promise));
    return promise.future();
  }

  private Future<Void> connected() {
    return (current == null ? connect(false) : current).ready();
  }

  /** A connection that may have failed already, and be the current one no more. */
  private ClientConnection connect(boolean again) {
    ClientConnection connection = new ClientConnection(context, options, this::onClosed);
    current = connection;
    connection.ready().onSuccess(v -> onReady(connection));
    context.dispatch(v -> connection.connect(connector, sessionConfig, again));
    return connection;
  }

  private void onReady(ClientConnection connection) {
    identity = connection.identity();
    comesBack = options.getReconnectTimeoutMs() > 0;
  }

  private void onClosed(ClientConnection connection) {
    if (current == connection) {
      current = null;
    }
    Handler<Void> told = closeHandler;
    if (connection.ready().succeeded() && told != null) {
      context.dispatch(null, told);
    }
  }

  /** Runs with the current connection, or tells that there is none. */
  private void withConnection(Consumer<ClientConnection> action, Consumer<McpException> otherwise) {
    context.execute(
        v -> {
          if (current == null && comesBack) {
            connect(true);
          }
          if (current == null) {
            otherwise.accept(
                McpException.streamError(
                    ErrorCode.NETWORK_CONNECTION_CLOSED, "the client is not connected"));
          } else {
            action.accept(current);
          }
        });
  }

  private <T> Promise<T> callerPromise() {
    return vertx.getOrCreateContext().promise();
  }

  @Override
  public Future<InferenceResult> infer(InferenceRequest request) {
    return infer(request, null);
  }

  @Override
  public Future<InferenceResult> infer(InferenceRequest request, Cancellation cancellation) {
    long timeoutMs = request.timeoutMs() > 0 ? request.timeoutMs() : options.getRequestTimeoutMs();
    Promise<Message> answer = callerPromise();
    Set<ErrorCode> groupCodes = request.groupCodes();
    context.execute(
        v -> {
          RetryingCall call =
              retrying(timeoutMs, requests.encode(request), answer).divisible(request.shardBytes());
          call.start();
          bind(call, cancellation, answer);
        });
    if (cancellation != null && !groupCodes.isEmpty()) {
      answer.future().onFailure(error -> cancelGroup(error, groupCodes, cancellation));
    }
    return answer.future().map(message -> requests.decode(message));
  }

  /** One that fails for another reason leaves those that share its cancellation alone. */
  private static void cancelGroup(
      Throwable failure, Set<ErrorCode> codes, Cancellation cancellation) {
    if (codes.contains(McpException.of(failure).code())) {
      cancellation.cancel();
    }
  }

  private RetryingCall retrying(long timeoutMs, Message message, Promise<Message> answer) {
    return new RetryingCall(context, this::withConnection, retryPolicy, timeoutMs, message, answer);
  }

  private void bind(RetryingCall call, Cancellation cancellationOrNull, Promise<?> done) {
    if (cancellationOrNull != null && !call.isDone()) {
      Runnable cancel = () -> context.execute(v -> call.cancelNow());
      cancellationOrNull.onCancel(cancel);
      done.future().onComplete(result -> cancellationOrNull.forget(cancel));
    }
  }

  @Override
  public Future<McpSequence> sequence(SequenceRequest request) {
    Promise<McpSequence> opened = callerPromise();
    withConnection(
        connection ->
            new Sequence(connection, request, options.getRequestTimeoutMs(), opened).start(),
        opened::fail);
    return opened.future();
  }

  @Override
  public Future<McpGeneration> generate(GenerationRequest request, Cancellation cancellation) {
    ContextInternal caller = vertx.getOrCreateContext();
    Promise<McpGeneration> opened = caller.promise();
    TokenStream tokens = new TokenStream(caller, request.window());
    withConnection(
        connection -> {
          Generation exchange =
              new Generation(
                  connection,
                  request,
                  requests.encode(request),
                  options.getRequestTimeoutMs(),
                  tokens,
                  opened);
          tokens.producer(
              index -> context.execute(v -> exchange.allow(index)),
              () -> context.execute(v -> exchange.cancelNow()));
          exchange.start();
          Runnable cancel = tokens::cancel;
          cancellation.onCancel(cancel);
          tokens.result().onComplete(done -> cancellation.forget(cancel));
        },
        opened::fail);
    return opened.future();
  }

  @Override
  public Future<Message> request(Message message) {
    Promise<Message> answer = callerPromise();
    withConnection(
        connection ->
            new Request(connection, options.getRequestTimeoutMs(), message, answer).start(),
        error -> {
          message.release();
          answer.fail(error);
        });
    return answer.future();
  }

  @Override
  public Future<ModelDescriptor> load(ModelUpload upload) {
    return models.push(Push.load(upload));
  }

  @Override
  public Future<ModelDescriptor> update(ModelUpdate update) {
    return models.push(Push.update(update));
  }

  @Override
  public Future<ModelDescriptor> rollback(String name) {
    return models.act(name, null, "rollback");
  }

  @Override
  public Future<ModelDescriptor> promote(String name) {
    return models.act(name, null, "promote");
  }

  @Override
  public Future<ModelDescriptor> activate(String name, String version) {
    return models.act(name, ModelId.checkVersion(version), "activate");
  }

  @Override
  public Future<Void> unload(String name) {
    return unload(Message.of(MessageType.MODEL_UNLOAD_REQ).modelName(ModelId.checkName(name)));
  }

  @Override
  public Future<Void> unload(String name, String version) {
    return unload(
        Message.of(MessageType.MODEL_UNLOAD_REQ)
            .modelName(ModelId.checkName(name))
            .modelVersion(ModelId.checkVersion(version)));
  }

  /** Once the answer to an unload is lost, the model's absence tells that it was done. */
  private Future<Void> unload(Message message) {
    return repeated(message, ErrorCode.MODEL_NOT_FOUND)
        .map(
            answer -> {
              RequestEncoder.expect(MessageType.STATUS, answer);
              return null;
            });
  }

  private Future<Message> repeated(Message message, ErrorCode doneCodeOrNull) {
    Promise<Message> answer = callerPromise();
    context.execute(
        v ->
            retrying(options.getRequestTimeoutMs(), message, answer)
                .doneOn(doneCodeOrNull)
                .start());
    return answer.future();
  }

  @Override
  public Future<List<ModelDescriptor>> list() {
    return list(Message.of(MessageType.STATE_SYNC));
  }

  @Override
  public Future<List<ModelDescriptor>> list(String name) {
    return list(Message.of(MessageType.STATE_SYNC).modelName(ModelId.checkName(name)));
  }

  private Future<List<ModelDescriptor>> list(Message message) {
    return repeated(message, null)
        .map(answer -> RequestEncoder.expect(MessageType.STATE_SYNC, answer).descriptors());
  }

  @Override
  public Future<McpStream> stream() {
    Promise<McpStream> opened = context.promise();
    withConnection(
        connection -> new StreamOpening(connection, options.getRequestTimeoutMs(), opened).start(),
        opened::fail);
    return opened.future();
  }

  @Override
  public Future<Long> ping() {
    Promise<Long> answered = callerPromise();
    withConnection(connection -> connection.pings().send(answered), answered::fail);
    return answered.future();
  }

  @Override
  public Future<McpSubscription> watch(Handler<List<ModelDescriptor>> handler) {
    ContextInternal caller = vertx.getOrCreateContext();
    Promise<McpSubscription> established = caller.promise();
    withConnection(
        connection -> new Watch(connection, caller, handler, established).start(),
        established::fail);
    return established.future();
  }

  @Override
  public McpClient closeHandler(Handler<Void> handler) {
    closeHandler = handler;
    return this;
  }

  @Override
  public String identity() {
    return identity;
  }

  @Override
  public Future<Void> shutdown(long timeout, TimeUnit unit) {
    Promise<Void> closed = callerPromise();
    context.execute(v -> shutdown(unit.toMillis(timeout)).onComplete(closed));
    return closed.future();
  }

  private Future<Void> shutdown(long timeoutMs) {
    ClientConnection connection = current;
    comesBack = false;
    if (connection == null) {
      return connector.close();
    }
    connection.shutdown();
    if (timeoutMs < 1) {
      connection.close();
    } else {
      long timer = context.setTimer(timeoutMs, id -> connection.close());
      connection.closed().onComplete(done -> vertx.cancelTimer(timer));
    }
    return connection.closed().eventually(connector::close);
  }

  @Override
  public Future<Void> close() {
    return shutdown(0, TimeUnit.MILLISECONDS);
  }
}

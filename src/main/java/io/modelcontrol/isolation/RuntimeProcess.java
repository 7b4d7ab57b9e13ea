package io.modelcontrol.isolation;

import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.client.RetryOptions;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.runtime.ModelSettings;
import io.modelcontrol.runtime.RunControl;
import io.modelcontrol.session.transport.Endpoint;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * One process that executes one model, and the session with it. Its methods block, and are called
 * on threads that may: the session itself lives on an event loop.
 */
final class RuntimeProcess implements AutoCloseable {
  /** A run that was told to end has so long before its process is killed. */
  static final long GRACE_MS = 1_000;

  /** A JVM that has not begun to listen after this never will. */
  private static final long START_MS = 30_000;

  /** Time to end where it has something to do about that. */
  private static final long END_MS = TimeUnit.MINUTES.toMillis(1);

  /** Time to load a model where its first run has no limit. */
  private static final long MAX_LOAD_MS = TimeUnit.MINUTES.toMillis(10);

  /** Tensors come whole: what the node has taken in, its process takes too. */
  private static final int MAX_MESSAGE_BYTES = Integer.MAX_VALUE;

  private static final int WINDOW_BYTES = 64 * 1024 * 1024;

  private final Jvm jvm;
  private final ModelHostOptions options;
  private final Context context;
  private final AtomicLong calls = new AtomicLong();
  private McpClient client;
  private ModelDescriptor descriptor;

  private RuntimeProcess(Jvm jvm, ModelHostOptions options, Vertx vertx) {
    this.jvm = jvm;
    this.options = options;
    this.context = ((VertxInternal) vertx).contextBuilder().build();
  }

  /**
   * Starts a process, which has no model then.
   *
   * @param jvmWords for its JVM, besides those that each one gets
   * @throws NoProcessException if it cannot be started, ended, or does not answer
   */
  static RuntimeProcess start(Vertx vertx, ModelHostOptions options, List<String> jvmWords) {
    RuntimeProcess process;
    try {
      process = new RuntimeProcess(Jvm.start(options, jvmWords), options, vertx);
    } catch (IOException e) {
      throw new NoProcessException(e);
    }
    try {
      process.jvm.awaitListening(START_MS);
      process.connect();
      return process;
    } catch (RuntimeException e) {
      process.close();
      throw new NoProcessException(e);
    }
  }

  /**
   * Has it load its model, once. If that fails it is closed.
   *
   * @throws McpException as the model's runtime throws it
   * @throws ProcessEndedException if the process ended, or had to be, before the model was loaded
   */
  RuntimeProcess load(Work work) {
    try {
      jvm.works();
      descriptor = await(call(() -> client.request(request(work))), loadMs()).descriptors().get(0);
      return this;
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private void connect() {
    McpClientOptions clientOptions =
        new McpClientOptions()
            .setHost(Endpoint.UNIX + jvm.socket())
            .setRequestTimeoutMs(Integer.MAX_VALUE)
            .setMaxMessageBytes(MAX_MESSAGE_BYTES)
            .setStreamWindowBytes(WINDOW_BYTES)
            .setSessionWindowBytes(WINDOW_BYTES)
            .setReconnectTimeoutMs(0)
            .setRetry(new RetryOptions().setMaxAttempts(1));
    await(
        call(
            () -> {
              client = McpClient.create(context.owner(), clientOptions);
              return client.connect();
            }),
        START_MS);
  }

  private long loadMs() {
    int limit = options.getActivationTimeoutMs();
    return limit == 0 ? MAX_LOAD_MS : limit;
  }

  private Message request(Work work) {
    Message request =
        Message.of(MessageType.MODEL_LOAD_REQ)
            .modelName(work.id().name())
            .modelVersion(work.id().version())
            .digest(work.digest());
    work.parameters().forEach(request::parameter);
    // The last words: whatever a load request has put there.
    int workers = ModelSettings.workers(options, work.id().name());
    return request
        .parameter(RuntimeProcessMain.CONTENT, work.content().toString())
        .parameter(RuntimeProcessMain.RUNTIME, work.runtime())
        .parameter(RuntimeProcessMain.WORKERS, Integer.toString(workers))
        .parameter(RuntimeProcessMain.SETTINGS, work.settings().toJson());
  }

  /** Whether it has not ended. */
  boolean isAlive() {
    return jvm.isAlive();
  }

  /** Somebody waits for its runs from now on. Blocks for milliseconds. */
  void serves() {
    jvm.serves();
  }

  /** What the process says of its model. */
  ModelDescriptor descriptor() {
    return descriptor;
  }

  /** Runs something once the process has ended; at once if it has. */
  void onEnd(Runnable action) {
    jvm.onEnd(action);
  }

  /** For the operator's log. */
  String howItEnded() {
    return jvm.howItEnded();
  }

  /**
   * Runs the model once.
   *
   * @param toldToEnd called when the run is told to end, on any thread: what is still running then
   * @throws McpException as the model's runtime throws it, or what the control was ended with
   * @throws ProcessEndedException if the process ended under the run
   */
  List<Tensor> infer(
      List<Tensor> inputs,
      List<String> outputs,
      RunControl control,
      Consumer<CompletableFuture<?>> toldToEnd) {
    String call = Long.toString(calls.incrementAndGet());
    Message request = request(call, inputs, outputs);
    CompletableFuture<Message> answer = call(() -> client.request(request));
    control.onEnd(
        () -> {
          call(() -> client.request(cancel(call)));
          answer.orTimeout(GRACE_MS, TimeUnit.MILLISECONDS);
          toldToEnd.accept(answer);
        });
    try {
      return joined(answer).tensors();
    } catch (McpException | ProcessEndedException e) {
      // A run that was ended fails for that reason, whatever it says itself.
      control.check();
      throw e;
    } finally {
      control.clearTerminator();
    }
  }

  private Message request(String call, List<Tensor> inputs, List<String> outputs) {
    Message request =
        Message.of(MessageType.INFERENCE_REQ)
            .modelName(descriptor.id().name())
            .modelVersion(descriptor.id().version())
            .parameter(RuntimeProcessMain.CALL, call);
    inputs.stream().map(Tensor::retain).forEach(request::tensor);
    outputs.forEach(request::requestedOutput);
    return request;
  }

  private static Message cancel(String call) {
    return Message.ofApplication(RuntimeProcessMain.CANCEL)
        .parameter(RuntimeProcessMain.CALL, call);
  }

  /** Makes a call on the event loop of the session. */
  private <T> CompletableFuture<T> call(Supplier<Future<T>> call) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    context.runOnContext(
        v -> call.get().onComplete(answer::complete, answer::completeExceptionally));
    return answer;
  }

  private <T> T await(CompletableFuture<T> answer, long limitMs) {
    return joined(answer.orTimeout(limitMs, TimeUnit.MILLISECONDS));
  }

  /** A process that does not answer, or that the session was lost with, is killed. */
  private <T> T joined(CompletableFuture<T> answer) {
    try {
      return answer.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof McpException error && !isLost(error)) {
        throw error;
      }
      jvm.kill();
      throw new ProcessEndedException(
          e.getCause() instanceof TimeoutException ? "it did not answer" : jvm.howItEnded());
    }
  }

  /** Whether a run that ended so was answered, so that its process is as it should be. */
  static boolean isAnswered(Throwable failureOrNull) {
    return failureOrNull == null || (failureOrNull instanceof McpException error && !isLost(error));
  }

  private static boolean isLost(McpException error) {
    return error.code().name().startsWith("NETWORK_");
  }

  /** A run of it goes on though it was told to end: no other process is to be disturbed by that. */
  void disobeys() {
    jvm.disobeys();
  }

  /**
   * Has the process end by itself. Blocks until it has.
   *
   * @throws ProcessEndedException if it does not, or ends badly
   */
  void end() {
    jvm.end(END_MS);
  }

  /** Ends the process and leaves nothing of it. */
  @Override
  public void close() {
    jvm.kill();
    if (client != null) {
      context.runOnContext(v -> client.close());
    }
  }
}

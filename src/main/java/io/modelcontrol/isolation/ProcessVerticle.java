package io.modelcontrol.isolation;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.ModelId;
import io.modelcontrol.ModelState;
import io.modelcontrol.Tensor;
import io.modelcontrol.runtime.LoadedModel;
import io.modelcontrol.runtime.ModelRuntime;
import io.modelcontrol.runtime.ModelRuntimes;
import io.modelcontrol.runtime.RunControl;
import io.modelcontrol.runtime.RunFailure;
import io.modelcontrol.runtime.RuntimeSettings;
import io.modelcontrol.server.McpServer;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.server.McpServerRequest;
import io.modelcontrol.session.transport.Endpoint;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.WorkerExecutor;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The other end of a {@link RuntimeProcess}: serves one model to one node. An inference is answered
 * when its run has ended, also if it was told to end: so the node knows whether it obeyed.
 */
final class ProcessVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(ProcessVerticle.class);
  private static final int WINDOW_BYTES = 64 * 1024 * 1024;

  /** Parameter of the descriptor. */
  static final String PROVIDERS = "execution-providers";

  private final String socket;
  private final ModelRuntimes runtimes;
  private final Map<String, RunControl> runs = new ConcurrentHashMap<>();
  private WorkerExecutor workers;
  private LoadedModel model;

  ProcessVerticle(String socket, ModelRuntimes runtimes) {
    this.socket = socket;
    this.runtimes = runtimes;
  }

  @Override
  public Future<?> start() {
    McpServerOptions options =
        new McpServerOptions()
            .setHost(Endpoint.UNIX + socket)
            .setMaxMessageBytes(Integer.MAX_VALUE)
            .setStreamWindowBytes(WINDOW_BYTES)
            .setSessionWindowBytes(WINDOW_BYTES);
    return McpServer.create(vertx, options)
        .requestHandler(MessageType.MODEL_LOAD_REQ, this::load)
        .requestHandler(MessageType.INFERENCE_REQ, this::infer)
        .requestHandler(RuntimeProcessMain.CANCEL, this::cancel)
        .listen();
  }

  private void load(McpServerRequest request) {
    Message message = request.message();
    Map<String, String> parameters = new HashMap<>(message.parameters());
    Path content = Path.of(parameters.remove(RuntimeProcessMain.CONTENT));
    String name = parameters.remove(RuntimeProcessMain.RUNTIME);
    int size = Integer.parseInt(parameters.remove(RuntimeProcessMain.WORKERS));
    String settings = parameters.remove(RuntimeProcessMain.SETTINGS);
    workers = vertx.createSharedWorkerExecutor("mcp-model", size, 1, TimeUnit.DAYS);
    answer(
        request,
        workers.executeBlocking(
            () -> {
              ModelRuntime runtime = runtimes.forContent(name, content);
              model = runtime.load(content, parameters, RuntimeSettings.ofJson(settings));
              return Message.of(MessageType.STATUS)
                  .status(ErrorCode.OK)
                  .descriptor(descriptor(message, runtime));
            },
            false));
  }

  private ModelDescriptor descriptor(Message request, ModelRuntime runtime) {
    return new ModelDescriptor(
        new ModelId(request.modelName(), request.modelVersion()),
        request.digest(),
        model.inputs(),
        model.outputs(),
        model.preprocess(),
        runtime.name(),
        Map.of(PROVIDERS, String.join(",", model.executionProviders())),
        ModelState.READY);
  }

  private void infer(McpServerRequest request) {
    Message message = request.message();
    String call = message.parameters().getOrDefault(RuntimeProcessMain.CALL, "");
    RunControl control = new RunControl();
    runs.put(call, control);
    Future<Message> run = workers.executeBlocking(() -> run(message, control), false);
    answer(request, run.onComplete(done -> runs.remove(call)));
  }

  private Message run(Message request, RunControl control) {
    control.check();
    Message result = Message.of(MessageType.INFERENCE_RESULT);
    for (Tensor output : model.infer(request.tensors(), request.requestedOutputs(), control)) {
      result.tensor(output);
    }
    return result;
  }

  private void cancel(McpServerRequest request) {
    Message message = request.message();
    RunControl control = runs.get(message.parameters().getOrDefault(RuntimeProcessMain.CALL, ""));
    if (control != null) {
      control.end(ErrorCode.REQUEST_CANCELED);
    }
    message.release();
    request.reply(Message.status(ErrorCode.OK, ""));
  }

  private static void answer(McpServerRequest request, Future<Message> work) {
    work.onComplete(
        done -> {
          request.message().release();
          if (done.succeeded()) {
            request.reply(done.result());
          } else {
            request.fail(typed(done.cause()));
          }
        });
  }

  /** What has no type is told to the log, and so in the last words of this process. */
  private static McpException typed(Throwable failure) {
    McpException error = RunFailure.of(failure, "the process of the model");
    if (error != failure) {
      LOG.warn("A run failed", failure);
    }
    return error;
  }
}

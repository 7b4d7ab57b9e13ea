package examples;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.Cancellation;
import io.modelcontrol.client.InferenceRequest;
import io.modelcontrol.client.InferenceResult;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.client.RetryOptions;
import io.modelcontrol.server.McpServerOptions;
import io.vertx.core.Future;
import io.vertx.docgen.Source;
import java.util.List;

/** What the guide shows of weak networks and promises; its test runs every method. */
@Source(translate = false)
public final class WeakNetworkExamples {
  /** A device on a mobile network: notices early, waits long, and does not press. */
  public McpClientOptions mobileDevice() {
    return new McpClientOptions()
        .setKeepaliveMs(10_000)
        .setReconnectTimeoutMs(300_000)
        .setRetry(new RetryOptions().setMaxAttempts(6).setMaxDelayMs(10_000));
  }

  /** Its server: keeps sessions as long as their clients try to come back. */
  public McpServerOptions patientServer() {
    return new McpServerOptions()
        .setResumeTimeoutMs(300_000)
        .setMaxDetachedSessions(500)
        .setMaxDetachedBytes(1024 * 1024);
  }

  /**
   * A request with an id of the application's own: asked again, also after a restart of the device,
   * it is answered from the record.
   */
  public Future<InferenceResult> askOnce(McpClient client, byte[] id, Tensor a, Tensor b) {
    return client.infer(InferenceRequest.of("adder", a, b).requestId(id).timeoutMs(60_000));
  }

  /** Requests of which none is worth anything without the model; other failures stay single. */
  public List<Future<InferenceResult>> together(McpClient client, List<Tensor[]> inputs) {
    Cancellation group = new Cancellation();
    return inputs.stream()
        .map(pair -> InferenceRequest.of("adder", pair).cancelGroupOn(ErrorCode.MODEL_NOT_FOUND))
        .map(request -> client.infer(request, group))
        .toList();
  }
}

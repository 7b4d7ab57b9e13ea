package io.modelcontrol.it;

import static io.modelcontrol.testing.TestNode.await;

import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.InferenceRequest;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.testing.CaseExecutor;
import io.modelcontrol.testing.TestNode;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs cases over a real socket, all of them in one session. The model of the last run stays loaded
 * until another one comes.
 */
public final class SocketExecutor implements CaseExecutor, AutoCloseable {
  private static final String NAME = "case";

  private final TestNode node;
  private final McpClient client;
  private final AtomicInteger sessionsEnded = new AtomicInteger();
  private byte[] content;
  private int version;

  public SocketExecutor(Path store) throws Exception {
    node = new TestNode(store);
    client = node.client();
    client.closeHandler(ended -> sessionsEnded.incrementAndGet());
  }

  /** Whether the session of the first case is the one of the last. */
  boolean keptItsSession() throws Exception {
    await(client.ping());
    return sessionsEnded.get() == 0;
  }

  @Override
  public List<Tensor> run(byte[] model, List<Tensor> inputs, List<String> outputs) {
    if (model != content) {
      load(model);
    }
    InferenceRequest request = InferenceRequest.of(NAME, inputs.toArray(new Tensor[0]));
    outputs.forEach(request::output);
    return get(client.infer(request)).tensors();
  }

  private void load(byte[] model) {
    if (content != null) {
      get(client.unload(NAME));
      content = null;
    }
    get(client.load(ModelUpload.of(NAME, Integer.toString(++version), model)));
    content = model;
  }

  private static <T> T get(Future<T> future) {
    try {
      return await(future);
    } catch (McpException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError("no answer in time", e);
    }
  }

  @Override
  public void close() throws java.util.concurrent.TimeoutException {
    node.close();
  }
}

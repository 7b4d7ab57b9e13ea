package io.modelcontrol.it;

import static io.modelcontrol.testing.TestNode.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.modelcontrol.Tensor;
import io.modelcontrol.client.GenerationRequest;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpGeneration;
import io.modelcontrol.client.McpSequence;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.client.SequenceRequest;
import io.modelcontrol.observe.Observability;
import io.modelcontrol.observe.ObserveOptions;
import io.modelcontrol.observe.TracingOptions;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.serving.ServingOptions;
import io.modelcontrol.testing.OnnxCase;
import io.modelcontrol.testing.OtlpReceiver;
import io.modelcontrol.testing.OtlpReceiver.Span;
import io.modelcontrol.testing.TestNode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a collector receives of sequences and generations, which have many runs. */
@Timeout(180)
class StreamingTracesTest {
  private static final int STEPS = 3;
  private static final int TOKENS = 5;

  @TempDir private static Path store;
  private static OtlpReceiver collector;
  private static Observability observability;
  private static TestNode node;
  private static McpClient client;
  private static OnnxCase silero;

  @BeforeAll
  static void start() throws Exception {
    collector = new OtlpReceiver();
    observability =
        Observability.create(
            new ObserveOptions()
                .setTracing(
                    new TracingOptions().setOtlpEndpoint(collector.endpoint()).setExportMs(50)));
    Vertx vertx = observability.builder().with(observability.observed(new VertxOptions())).build();
    observability.install(vertx);
    node =
        new TestNode(
            vertx,
            new ModelHostOptions().setStore(store.toString()),
            new McpServerOptions(),
            new ServingOptions());
    client = node.client();
    silero = OnnxCase.real("silero_vad");
    await(
        client.load(
            ModelUpload.of("speech", "1", silero.model())
                .parameter("state.stateN", "state")
                .parameter("state-shape.state", "2,1,128")));
    await(
        client.load(
            ModelUpload.of("stories", "1", OnnxCase.real("stories260k_kvcache").model())
                .parameter("state.present.*", "past.*")
                .parameter("state-shape.past.*", "1,4,0,8")
                .parameter("generate.tokens", "input_ids")
                .parameter("generate.positions", "position_ids")
                .parameter("generate.logits", "logits")));
  }

  @AfterAll
  static void stop() throws Exception {
    node.close();
    observability.close();
    collector.close();
  }

  @BeforeEach
  void forget() {
    collector.spans().clear();
  }

  @Test
  void aSequenceIsOneTraceWithWaitAndRunOfEachStep() throws Exception {
    McpSequence sequence = await(client.sequence(SequenceRequest.of("speech")));
    for (int step = 0; step < STEPS; step++) {
      await(sequence.step(sounds(step)));
    }
    await(sequence.end());

    Span dispatch = dispatch();
    assertThat(children(dispatch, "mcp.queue")).hasSize(STEPS);
    assertThat(children(dispatch, "mcp.runtime")).hasSize(STEPS);
    assertThat(dispatch.attributes()).doesNotContainKey("error.type");
  }

  @Test
  void aStepThatFailsIsToldOnceWhereItFailed() throws Exception {
    McpSequence sequence = await(client.sequence(SequenceRequest.of("speech")));
    Future<?> step = sequence.step(Tensor.of("wrong", new float[1]));
    await(step.otherwiseEmpty());

    Span dispatch = dispatch();
    assertThat(dispatch.attributes()).containsEntry("error.type", "INVALID_TENSOR");
    assertThat(dispatch.events()).isEmpty();
    assertThat(children(dispatch, "mcp.runtime"))
        .singleElement()
        .satisfies(run -> assertThat(run.events()).containsExactly("exception"));
  }

  @Test
  void aGenerationIsOneTraceWithARunOfEachToken() throws Exception {
    McpGeneration generation =
        await(client.generate(GenerationRequest.of("stories", 1, 403).maxTokens(TOKENS)));
    AtomicInteger tokens = new AtomicInteger();
    Promise<Void> ended = Promise.promise();
    generation.exceptionHandler(ended::tryFail);
    generation.endHandler(v -> ended.tryComplete());
    generation.handler(token -> tokens.incrementAndGet());
    await(ended.future());

    Span dispatch = dispatch();
    assertThat(tokens).hasValue(TOKENS);
    assertThat(children(dispatch, "mcp.queue")).hasSize(1);
    assertThat(children(dispatch, "mcp.runtime")).hasSize(TOKENS);
  }

  private static Tensor[] sounds(int step) throws Exception {
    return silero.inputs(step).stream()
        .filter(tensor -> !tensor.name().equals("state"))
        .toArray(Tensor[]::new);
  }

  /** The call on the model's node, which ends after its parts, in the trace of its request. */
  private static Span dispatch() {
    await()
        .atMost(30, TimeUnit.SECONDS)
        .until(() -> !named("mcp.dispatch").isEmpty() && !named("mcp.request").isEmpty());
    assertThat(named("mcp.dispatch")).hasSize(1);
    Span dispatch = named("mcp.dispatch").get(0);
    assertThat(named("mcp.request")).anyMatch(span -> span.spanId().equals(dispatch.parentId()));
    return dispatch;
  }

  private static List<Span> children(Span parent, String name) {
    return named(name).stream().filter(span -> span.parentId().equals(parent.spanId())).toList();
  }

  private static List<Span> named(String name) {
    return collector.spans().stream().filter(span -> span.name().equals(name)).toList();
  }
}

package io.modelcontrol.it;

import static io.modelcontrol.testing.TestNode.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.GenerationRequest;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpGeneration;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.testing.OnnxCase;
import io.modelcontrol.testing.OnnxModels;
import io.modelcontrol.testing.TensorComparison;
import io.modelcontrol.testing.TestNode;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sequences and generation over a real socket, message by message. */
class StreamingInferenceTest {
  private static final int STEPS = 40;
  private static final int SEQUENCES = 200;
  private static final byte[] ID = new byte[16];

  @TempDir Path store;
  private TestNode node;
  private McpClient client;

  @BeforeEach
  void start() throws Exception {
    open(new ModelHostOptions());
  }

  private void open(ModelHostOptions host) throws Exception {
    node =
        new TestNode(
            host.setStore(store.toString()),
            new McpServerOptions().setMaxConcurrentStreams(SEQUENCES + 10));
    client = node.client();
  }

  private void reopen(ModelHostOptions host) throws Exception {
    node.close();
    open(host);
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  @Test
  void aSequenceOfSpeechEqualsTheReferenceStepByStep() throws Exception {
    OnnxCase silero = loadSilero();
    RawExchange exchange = stream();
    for (int step = 0; step < STEPS; step++) {
      exchange.write(sileroStep(silero, step));
    }
    exchange.end();
    assertSpeech(silero, exchange);
  }

  @Test
  void twoHundredSequencesAtATimeKeepTheirStatesApart() throws Exception {
    OnnxCase silero = loadSilero();
    List<RawExchange> exchanges = new ArrayList<>();
    for (int i = 0; i < SEQUENCES; i++) {
      exchanges.add(stream());
    }
    for (int step = 0; step < STEPS; step++) {
      for (RawExchange exchange : exchanges) {
        exchange.write(sileroStep(silero, step));
      }
    }
    for (RawExchange exchange : exchanges) {
      exchange.end();
    }
    for (RawExchange exchange : exchanges) {
      assertSpeech(silero, exchange);
    }
  }

  @Test
  void eightGenerationsAtATimeWriteTheStoryExactly() throws Exception {
    OnnxCase stories = loadStories();
    List<Long> expected = storyTokens(stories);
    List<RawExchange> exchanges = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      exchanges.add(stream().end(story(expected.size())));
    }
    for (RawExchange exchange : exchanges) {
      assertThat(tokens(exchange)).isEqualTo(expected);
      assertThat(exchange.last().parameters())
          .containsEntry("finish-reason", "length")
          .containsEntry("tokens", Integer.toString(expected.size()));
    }
  }

  @Test
  void theSameLoopWritesWhatAnotherModelExpects() throws Exception {
    OnnxCase gpt2 = OnnxCase.real("gpt2_tiny_kvcache");
    await(
        client.load(
            ModelUpload.of("gpt2", "1", gpt2.model())
                .parameter("state.present_*", "past_*")
                .parameter("state-shape.past_*", "2,1,4,0,8")
                .parameter("generate.tokens", "input_ids")
                .parameter("generate.positions", "position_ids")
                .parameter("generate.mask", "attention_mask")
                .parameter("generate.logits", "logits")));
    JsonObject expected = new JsonObject(gpt2.text("expected_tokens.json"));
    for (int row = 0; row < 2; row++) {
      List<Long> prompt = longs(expected.getJsonArray("prompt").getJsonArray(row));
      List<Long> all = longs(expected.getJsonArray("expected").getJsonArray(row));
      Message request =
          generate("gpt2", all.size() - prompt.size(), prompt.stream().mapToLong(t -> t).toArray());
      List<Long> whole = new ArrayList<>(prompt);
      whole.addAll(tokens(stream().end(request)));
      assertThat(whole).isEqualTo(all);
    }
  }

  @Test
  void aStopTokenEndsTheStoryAndIsNotSent() throws Exception {
    List<Long> expected = storyTokens(loadStories());
    long stop = expected.get(20);
    int first = expected.indexOf(stop);
    RawExchange exchange = stream().end(story(100).parameter("stop-tokens", "999999," + stop));
    assertThat(tokens(exchange)).isEqualTo(expected.subList(0, first));
    assertThat(exchange.last().parameters())
        .containsEntry("finish-reason", "stop")
        .containsEntry("tokens", Integer.toString(first));
  }

  @Test
  void theSameSeedWritesTheSameStory() throws Exception {
    loadStories();
    List<List<Long>> written = new ArrayList<>();
    for (String seed : List.of("7", "7", "8")) {
      Message request =
          story(60)
              .parameter("temperature", "0.9")
              .parameter("top-k", "40")
              .parameter("seed", seed);
      written.add(tokens(stream().end(request.parameter("top-p", "0.95"))));
    }
    assertThat(written.get(0)).hasSize(60).isEqualTo(written.get(1)).isNotEqualTo(written.get(2));
  }

  @Test
  void theWindowIsHowManyTokensAreMade() throws Exception {
    loadStories();
    AtomicInteger made = countTokens();
    RawExchange exchange = stream().write(story(200).parameter("window", "5"));
    awaitCount(exchange, 5);
    assertStill(made, 5);
    exchange.write(Message.of(MessageType.INFERENCE_STREAM).chunkIndex(3));
    assertStill(made, 5);
    exchange.write(Message.of(MessageType.INFERENCE_STREAM).chunkIndex(47));
    awaitCount(exchange, 47);
    assertStill(made, 47);
    exchange.end(Message.of(MessageType.INFERENCE_STREAM).chunkIndex(1_000));
    assertThat(tokens(exchange)).hasSize(200);
  }

  @Test
  void aReaderThatPausesMakesTheModelPause() throws Exception {
    List<Long> expected = storyTokens(loadStories());
    AtomicInteger made = countTokens();
    List<Long> read = new CopyOnWriteArrayList<>();
    GenerationRequest request = GenerationRequest.of("stories", 1).maxTokens(200);
    McpGeneration generation =
        await(
            client
                .generate(request)
                .onSuccess(
                    started -> {
                      started.pause();
                      started.handler(token -> read.add(token.id()));
                    }));
    Awaitility.await().atMost(20, TimeUnit.SECONDS).until(() -> made.get() > 0);
    Awaitility.await()
        .during(300, TimeUnit.MILLISECONDS)
        .atMost(20, TimeUnit.SECONDS)
        .until(new Unchanged(made));
    assertThat(made.get()).isLessThan(100);
    assertThat(read).isEmpty();
    generation.resume();
    await(generation.result());
    assertThat(read).isEqualTo(expected);
    assertThat(made.get()).isEqualTo(200);
  }

  @Test
  void aCancelFreesTheWorkerWithinOneToken() throws Exception {
    reopen(new ModelHostOptions().setWorkersPerModel(1));
    loadStories();
    AtomicInteger made = countTokens();
    AtomicInteger madeBeforeClose = new AtomicInteger();
    node.vertx()
        .eventBus()
        .addInboundInterceptor(
            delivery -> {
              if (delivery.message().headers().contains("close")) {
                madeBeforeClose.set(made.get());
              }
              delivery.next();
            });
    RawExchange exchange = stream().end(story(400));
    Awaitility.await().atMost(20, TimeUnit.SECONDS).until(() -> exchange.count() > 10);
    exchange.on(
        open ->
            open.reset(McpException.streamError(ErrorCode.REQUEST_CANCELED, "no longer wanted")));
    Awaitility.await().atMost(20, TimeUnit.SECONDS).until(() -> madeBeforeClose.get() > 0);
    // To unload waits for what runs.
    client.unload("stories").await(10, TimeUnit.SECONDS);
    assertThat(made.get()).isLessThan(400).isLessThanOrEqualTo(madeBeforeClose.get() + 2);
  }

  @Test
  void aDeadlineEndsAGenerationThatIsParked() throws Exception {
    loadStories();
    RawExchange exchange = stream().write(story(200).parameter("window", "1").timeoutMs(300));
    assertThat(exchange.all()).hasSize(2);
    assertThat(exchange.last().status()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
  }

  @Test
  void aBadParameterIsNamed() throws Exception {
    loadStories();
    for (String[] bad :
        new String[][] {
          {"temperature", "hot"},
          {"temperature", "-1"},
          {"top-p", "1.5"},
          {"top-p", "0"},
          {"top-k", "-1"},
          {"max-tokens", "0"},
          {"seed", "x"},
          {"stop-tokens", "1,,2"},
          {"window", "0"},
          {"window", "65537"}
        }) {
      RawExchange exchange = stream().end(story(5).parameter(bad[0], bad[1]));
      assertThat(exchange.all()).hasSize(1);
      assertThat(exchange.last().status()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
      assertThat(exchange.last().statusText()).contains(bad[0]);
    }
  }

  @Test
  void aModelThatWasNotLoadedForItDoesNotGenerate() throws Exception {
    loadSum();
    RawExchange exchange = stream().end(generate("sum", 5, 1));
    assertThat(exchange.all()).hasSize(1);
    assertThat(exchange.last().status()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(exchange.last().statusText()).contains("mode");
  }

  @Test
  void aLoadParameterThatDoesNotFitTheModelIsNamed() throws Exception {
    OnnxCase silero = OnnxCase.real("silero_vad");
    String[][] bad = {
      {"state.nothing", "state"},
      {"state.stateN", "nothing"},
      {"state.output", "state*"},
      {"state-shape.input", "1,2"},
      {"generate.logits", "output"},
      {"generate.token", "input"}
    };
    for (String[] parameter : bad) {
      ModelUpload upload =
          ModelUpload.of("bad", "1", silero.model()).parameter(parameter[0], parameter[1]);
      assertThat(client.load(upload).map("").otherwise(Throwable::getMessage).await())
          .startsWith("parameter ")
          .contains(parameter[0].substring(0, parameter[0].indexOf('.')));
    }
    loadSilero();
  }

  @Test
  void aSequenceAddsUpAndAnotherOneBeginsWithZero() throws Exception {
    loadSum();
    RawExchange one = stream();
    RawExchange other = stream();
    one.write(add(1).modelName("sum"));
    other.write(add(100).modelName("sum"));
    one.write(add(2));
    other.write(add(200));
    one.end(add(3));
    other.end(add(300));
    assertThat(sums(one)).containsExactly(0f, 1f, 3f);
    assertThat(sums(other)).containsExactly(0f, 100f, 300f);
    assertThat(one.all()).extracting(Message::chunkIndex).containsExactly(0L, 1L, 2L);
  }

  @Test
  void aSequenceWithAnIdOutlivesItsStreamButNotItsSession() throws Exception {
    loadSum();
    assertThat(unarySum(client, 1)).isEqualTo(0);
    RawExchange exchange = stream().end(add(2).modelName("sum").sequenceId(ID));
    assertThat(sums(exchange)).containsExactly(1f);
    assertThat(unarySum(client, 4)).isEqualTo(3);
    McpClient stranger = node.client();
    assertThat(unarySum(stranger, 8)).isEqualTo(0);
    assertThat(unarySum(client, 0)).isEqualTo(7);
  }

  @Test
  void aSequenceEndsWhereItsStepSaysSo() throws Exception {
    loadSum();
    assertThat(unarySum(client, 1)).isEqualTo(0);
    Message last = unary(2).parameter("sequence-end", "true");
    assertThat(sum(await(client.request(last)))).isEqualTo(1);
    assertThat(unarySum(client, 5)).isEqualTo(0);
  }

  @Test
  void oneStreamAtATimeUsesASequence() throws Exception {
    loadSum();
    RawExchange holder = stream().write(add(1).modelName("sum").sequenceId(ID));
    awaitCount(holder, 1);
    RawExchange second = stream().end(add(1).modelName("sum").sequenceId(ID));
    assertThat(second.all()).hasSize(1);
    assertThat(second.last().status()).isEqualTo(ErrorCode.UPDATE_CONFLICT);
    holder.end();
    assertThat(holder.all()).hasSize(1);
    assertThat(unarySum(client, 1)).isEqualTo(1);
  }

  @Test
  void aStepThatFailsEndsItsSequence() throws Exception {
    loadSum();
    RawExchange exchange = stream();
    exchange.write(add(1).modelName("sum"));
    exchange.write(
        Message.of(MessageType.INFERENCE_STREAM).tensor(Tensor.of("no", new float[] {1})));
    assertThat(exchange.all()).hasSize(2);
    assertThat(exchange.last().status()).isEqualTo(ErrorCode.INVALID_TENSOR);
    assertThat(exchange.last().chunkIndex()).isEqualTo(1);
  }

  @Test
  void anEndThatComesWhileAStepRunsWaitsForItsAnswer() throws Exception {
    loadSum();
    BlockingQueue<Runnable> answers = holdAnswers();
    RawExchange exchange = stream();
    exchange.write(add(1).modelName("sum"));
    exchange.write(add(2));
    Runnable first = answers.poll(20, TimeUnit.SECONDS);
    await(client.ping());
    // Both steps are there: the answer to the first one makes the session go on with the second.
    first.run();
    Runnable second = answers.poll(20, TimeUnit.SECONDS);
    exchange.end();
    await(client.ping());
    second.run();
    assertThat(sums(exchange)).containsExactly(0f, 1f);
  }

  @Test
  void aStepOutOfOrderIsRefused() throws Exception {
    loadSum();
    RawExchange exchange = stream();
    exchange.write(add(1).modelName("sum").chunkIndex(0));
    exchange.write(add(1).chunkIndex(2));
    assertThat(exchange.all()).hasSize(2);
    assertThat(exchange.last().status()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(exchange.last().statusText()).contains("chunk index 1");
  }

  @Test
  void anIdleSequenceIsDroppedAndItsOwnerTold() throws Exception {
    reopen(new ModelHostOptions().setSequenceIdleMs(150));
    loadSum();
    RawExchange exchange = stream().write(add(1).modelName("sum"));
    assertThat(exchange.all()).hasSize(2);
    assertThat(exchange.last().status()).isEqualTo(ErrorCode.IDLE_TIMEOUT);
    assertThat(unarySum(client, 1)).isEqualTo(0);
    Awaitility.await()
        .atMost(20, TimeUnit.SECONDS)
        .pollInterval(400, TimeUnit.MILLISECONDS)
        .until(
            () ->
                client
                    .request(unary(1))
                    .map(Message::status)
                    .otherwise(e -> McpException.of(e).code())
                    .await(),
            ErrorCode.IDLE_TIMEOUT::equals);
    assertThat(unarySum(client, 1)).isEqualTo(0);
  }

  @Test
  void openSequencesAreBounded() throws Exception {
    reopen(new ModelHostOptions().setMaxSequencesPerModel(2));
    loadSum();
    RawExchange first = stream().write(add(1).modelName("sum"));
    RawExchange second = stream().write(add(1).modelName("sum"));
    awaitCount(first, 1);
    awaitCount(second, 1);
    RawExchange third = stream().write(add(1).modelName("sum"));
    assertThat(third.all()).hasSize(1);
    assertThat(third.last().status()).isEqualTo(ErrorCode.OVERLOADED);
    first.end();
    first.all();
    Awaitility.await()
        .atMost(10, TimeUnit.SECONDS)
        .until(
            () -> {
              RawExchange next = stream().end(add(1).modelName("sum"));
              return next.all().get(0).standardType() == MessageType.INFERENCE_RESULT;
            });
    second.end();
  }

  @Test
  void aSessionThatIsGoneLeavesNoSequenceBehind() throws Exception {
    reopen(new ModelHostOptions().setMaxSequencesPerModel(1));
    loadSum();
    McpClient leaving = node.client();
    assertThat(unarySum(leaving, 1)).isEqualTo(0);
    await(leaving.close());
    Awaitility.await()
        .atMost(10, TimeUnit.SECONDS)
        .until(
            () ->
                stream().end(add(1).modelName("sum")).all().get(0).standardType()
                    == MessageType.INFERENCE_RESULT);
  }

  @Test
  void anUnloadEndsWhatIsOpen() throws Exception {
    loadSum();
    RawExchange exchange = stream().write(add(1).modelName("sum"));
    awaitCount(exchange, 1);
    await(client.unload("sum"));
    assertThat(exchange.all()).hasSize(2);
    assertThat(exchange.last().status()).isEqualTo(ErrorCode.MODEL_NOT_READY);
  }

  @Test
  void thePlainRequestStillTakesAndReturnsTheState() throws Exception {
    OnnxCase silero = loadSilero();
    Message request = Message.of(MessageType.INFERENCE_REQ).modelName("silero");
    silero.inputs(0).forEach(request::tensor);
    List<Tensor> outputs = await(client.request(request)).tensors();
    assertThat(silero.difference(0, outputs)).isEmpty();
  }

  private RawExchange stream() throws Exception {
    return await(client.stream().map(opened -> new RawExchange(opened, Vertx.currentContext())));
  }

  private OnnxCase loadSilero() throws Exception {
    OnnxCase silero = OnnxCase.real("silero_vad");
    await(
        client.load(
            ModelUpload.of("silero", "1", silero.model())
                .parameter("state.stateN", "state")
                .parameter("state-shape.state", "2,1,128")));
    return silero;
  }

  private static Message sileroStep(OnnxCase silero, int step) throws Exception {
    Message message = Message.of(MessageType.INFERENCE_STREAM).chunkIndex(step);
    if (step == 0) {
      message.modelName("silero");
    }
    silero.inputs(step).stream()
        .filter(input -> !input.name().equals("state"))
        .forEach(message::tensor);
    return message;
  }

  private static void assertSpeech(OnnxCase silero, RawExchange exchange) throws Exception {
    List<Message> answers = exchange.all();
    assertThat(answers).hasSize(STEPS);
    for (int step = 0; step < STEPS; step++) {
      List<Tensor> outputs = answers.get(step).tensors();
      assertThat(outputs).hasSize(1);
      assertThat(answers.get(step).chunkIndex()).isEqualTo(step);
      Tensor expected = silero.expected(step).get(0);
      Optional<String> difference = TensorComparison.difference(expected, outputs.get(0));
      assertThat(difference).as("step %d", step).isEmpty();
    }
  }

  private OnnxCase loadStories() throws Exception {
    OnnxCase stories = OnnxCase.real("stories260k_kvcache");
    await(
        client.load(
            ModelUpload.of("stories", "1", stories.model())
                .parameter("state.present.*", "past.*")
                .parameter("state-shape.past.*", "1,4,0,8")
                .parameter("generate.tokens", "input_ids")
                .parameter("generate.positions", "position_ids")
                .parameter("generate.logits", "logits")));
    return stories;
  }

  private static List<Long> storyTokens(OnnxCase stories) {
    List<Long> all = longs(new JsonArray(stories.text("expected_tokens.json")));
    return all.subList(1, all.size());
  }

  private static List<Long> longs(JsonArray array) {
    return IntStream.range(0, array.size()).mapToObj(array::getLong).toList();
  }

  private static Message story(int maxTokens) {
    return generate("stories", maxTokens, 1);
  }

  private static Message generate(String model, int maxTokens, long... prompt) {
    return Message.of(MessageType.INFERENCE_REQ)
        .modelName(model)
        .tensor(Tensor.of("input_ids", prompt))
        .parameter("mode", "generate")
        .parameter("max-tokens", Integer.toString(maxTokens));
  }

  /** The tokens of a generation that ended well. */
  private static List<Long> tokens(RawExchange exchange) {
    List<Message> all = exchange.all();
    assertThat(exchange.last().parameters()).containsKey("finish-reason");
    List<Long> tokens = new ArrayList<>();
    for (Message message : all.subList(0, all.size() - 1)) {
      assertThat(message.chunkIndex()).isEqualTo(tokens.size());
      tokens.add(message.tensors().get(0).toLongs()[0]);
    }
    return tokens;
  }

  /** A model that returns the sum of what its sequence was given before this step: sum = a + b. */
  private void loadSum() throws Exception {
    await(
        client.load(
            ModelUpload.of("sum", "1", OnnxModels.runningSum())
                .parameter("state.total", "before")));
  }

  private static Message add(float value) {
    return Message.of(MessageType.INFERENCE_STREAM)
        .tensor(Tensor.of("x", DataType.FLOAT, floats(value), 1));
  }

  private static Message unary(float value) {
    return Message.of(MessageType.INFERENCE_REQ)
        .modelName("sum")
        .sequenceId(ID)
        .tensor(Tensor.of("x", DataType.FLOAT, floats(value), 1));
  }

  private static float unarySum(McpClient by, float value) throws Exception {
    return sum(await(by.request(unary(value))));
  }

  private static ByteBuffer floats(float value) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(0, value);
  }

  private static float sum(Message message) {
    assertThat(message.tensors()).hasSize(1);
    return message.tensors().get(0).toFloats()[0];
  }

  private static List<Float> sums(RawExchange exchange) {
    return exchange.all().stream().map(StreamingInferenceTest::sum).toList();
  }

  /** Whether a number is what it was when it was looked at before. */
  private static final class Unchanged implements java.util.concurrent.Callable<Boolean> {
    private final AtomicInteger number;
    private int before = -1;

    Unchanged(AtomicInteger number) {
      this.number = number;
    }

    @Override
    public Boolean call() {
      int now = number.get();
      boolean same = now == before;
      before = now;
      return same;
    }
  }

  private static void awaitCount(RawExchange exchange, int count) {
    Awaitility.await()
        .atMost(20, TimeUnit.SECONDS)
        .untilAsserted(() -> assertThat(exchange.count()).isEqualTo(count));
  }

  /** A time in which a worker that went on would have made some hundred tokens. */
  private static void assertStill(AtomicInteger made, int count) {
    Awaitility.await()
        .during(300, TimeUnit.MILLISECONDS)
        .atMost(5, TimeUnit.SECONDS)
        .until(() -> made.get() == count);
  }

  /** Answers leave the workers when the test lets them. */
  private BlockingQueue<Runnable> holdAnswers() {
    BlockingQueue<Runnable> held = new LinkedBlockingQueue<>();
    node.vertx()
        .eventBus()
        .addOutboundInterceptor(
            delivery -> {
              if (delivery.message().body() instanceof Message answer
                  && answer.standardType() == MessageType.INFERENCE_RESULT) {
                held.add(delivery::next);
              } else {
                delivery.next();
              }
            });
    return held;
  }

  /** Counts what leaves the workers, whoever reads it. */
  private AtomicInteger countTokens() {
    AtomicInteger made = new AtomicInteger();
    node.vertx()
        .eventBus()
        .addOutboundInterceptor(
            delivery -> {
              Object body = delivery.message().body();
              if (body instanceof Message event
                  && event.standardType() == MessageType.INFERENCE_RESULT
                  && !event.tensors().isEmpty()) {
                made.incrementAndGet();
              }
              delivery.next();
            });
    return made;
  }
}

package io.modelcontrol.it;

import static io.modelcontrol.testing.TestNode.await;
import static io.modelcontrol.testing.TestNode.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import examples.SpeechDetection;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.GeneratedToken;
import io.modelcontrol.client.GenerationEnd;
import io.modelcontrol.client.GenerationRequest;
import io.modelcontrol.client.InferenceRequest;
import io.modelcontrol.client.InferenceResult;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpGeneration;
import io.modelcontrol.client.McpSequence;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.client.SequenceRequest;
import io.modelcontrol.testing.OnnxCase;
import io.modelcontrol.testing.TestNode;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The client's streaming calls against a real node with real models. */
@Timeout(180)
class StreamingClientTest {
  private static final Path SPEECH =
      Path.of("src/main/resources/io/modelcontrol/cli/demo/speech.wav");

  @TempDir private static Path store;
  private static TestNode node;
  private static McpClient client;
  private static OnnxCase silero;
  private static OnnxCase stories;

  @BeforeAll
  static void start() throws Exception {
    node = new TestNode(store);
    client = node.client();
    silero = OnnxCase.real("silero_vad");
    stories = OnnxCase.real("stories260k_kvcache");
    await(
        client.load(
            ModelUpload.of("silero_vad", "1", silero.model())
                .parameter("state.stateN", "state")
                .parameter("state-shape.state", "2,1,128")));
    await(
        client.load(
            ModelUpload.of("stories", "1", stories.model())
                .parameter("state.present.*", "past.*")
                .parameter("state-shape.past.*", "1,4,0,8")
                .parameter("generate.tokens", "input_ids")
                .parameter("generate.positions", "position_ids")
                .parameter("generate.logits", "logits")));
  }

  @AfterAll
  static void stop() throws Exception {
    node.close();
  }

  private static Tensor[] sounds(int step) throws IOException {
    return silero.inputs(step).stream()
        .filter(tensor -> !tensor.name().equals("state"))
        .toArray(Tensor[]::new);
  }

  /** The first output only: the state is no part of the result. */
  private static void assertAgrees(int step, InferenceResult result) throws IOException {
    assertThat(result.tensors()).hasSize(1);
    List<Tensor> expected = silero.expected(step);
    float[] published = expected.get(0).toFloats();
    float[] actual = result.first().toFloats();
    assertThat(actual).hasSameSizeAs(published);
    for (int i = 0; i < actual.length; i++) {
      assertThat(actual[i]).as("step %d", step).isCloseTo(published[i], Offset.offset(1e-4f));
    }
  }

  @Test
  void aSequenceOfPipelinedStepsEqualsThePublishedRun() throws Exception {
    McpSequence sequence = await(client.sequence(SequenceRequest.of("silero_vad")));
    List<Future<InferenceResult>> steps = new ArrayList<>();
    for (int step = 0; step < silero.sets(); step++) {
      steps.add(sequence.step(sounds(step)));
    }
    for (int step = 0; step < silero.sets(); step++) {
      assertAgrees(step, await(steps.get(step)));
    }
    await(sequence.end());
  }

  @Test
  void aSequenceWithAnIdGoesOnInAnotherStream() throws Exception {
    byte[] id = new byte[16];
    id[0] = 1;
    SequenceRequest request = SequenceRequest.of("silero_vad").sequenceId(id);
    McpSequence first = await(client.sequence(request));
    for (int step = 0; step < 10; step++) {
      assertAgrees(step, await(first.step(sounds(step))));
    }
    await(first.end());
    McpSequence second = await(client.sequence(request));
    for (int step = 10; step < 19; step++) {
      assertAgrees(step, await(second.step(sounds(step))));
    }
    assertAgrees(19, await(second.last(sounds(19))));
    McpSequence third = await(client.sequence(request));
    assertAgrees(0, await(third.step(sounds(0))));
    await(third.last(sounds(1)));
  }

  @Test
  void aStepThatIsWrongEndsTheSequenceWithItsError() throws Exception {
    McpSequence sequence = await(client.sequence(SequenceRequest.of("silero_vad")));
    await(sequence.step(sounds(0)));
    McpException error = failure(sequence.step(Tensor.of("wrong", new float[1])));
    assertThat(error.code()).isEqualTo(ErrorCode.INVALID_TENSOR);
    McpException missing =
        failure(await(client.sequence(SequenceRequest.of("missing"))).step(sounds(0)));
    assertThat(missing.code()).isEqualTo(ErrorCode.MODEL_NOT_FOUND);
  }

  @Test
  void tellsSegmentsOfSpeechAsTheyEnd() throws Exception {
    List<String> segments = Collections.synchronizedList(new ArrayList<>());
    await(SpeechDetection.run(node.vertx(), client, SPEECH, 0, segments::add));
    assertThat(segments).isNotEmpty().allMatch(s -> s.matches("\\d+\\.\\d-\\d+\\.\\d s"));
  }

  @Test
  void eightStoriesAtOnceAreExact() throws Exception {
    JsonArray published = new JsonArray(stories.text("expected_tokens.json"));
    List<Long> expected = published.stream().skip(1).map(id -> ((Number) id).longValue()).toList();
    List<List<Long>> written = new ArrayList<>();
    List<Future<GenerationEnd>> ends = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      List<Long> tokens = Collections.synchronizedList(new ArrayList<>());
      written.add(tokens);
      McpGeneration generation = await(client.generate(story(200)));
      generation.handler(token -> tokens.add(token.id()));
      ends.add(generation.result());
    }
    for (int i = 0; i < 8; i++) {
      assertThat(await(ends.get(i))).isEqualTo(new GenerationEnd(GenerationEnd.LENGTH, 200));
      assertThat(written.get(i)).isEqualTo(expected);
    }
  }

  private static GenerationRequest story(int tokens) {
    return GenerationRequest.of("stories", 1).maxTokens(tokens);
  }

  @Test
  void endsBeforeAStopToken() throws Exception {
    JsonArray published = new JsonArray(stories.text("expected_tokens.json"));
    long stop = published.getLong(12);
    long before = 0;
    while (published.getLong((int) before + 1) != stop) {
      before++;
    }
    McpGeneration generation = await(client.generate(story(200).stopTokens(stop)));
    generation.handler(token -> assertThat(token.id()).isNotEqualTo(stop));
    assertThat(await(generation.result())).isEqualTo(new GenerationEnd("stop", before));
  }

  @Test
  void theSameSeedWritesTheSameStory() throws Exception {
    GenerationRequest request = story(60).temperature(1).topK(50).topP(0.95).seed(7);
    assertThat(ids(request)).hasSize(60).isEqualTo(ids(request));
  }

  private static List<Long> ids(GenerationRequest request) throws Exception {
    List<Long> tokens = Collections.synchronizedList(new ArrayList<>());
    McpGeneration generation = await(client.generate(request));
    generation.handler(token -> tokens.add(token.id()));
    await(generation.result());
    return tokens;
  }

  @Test
  void aPausedReaderGetsTheRestLater() throws Exception {
    List<GeneratedToken> tokens = Collections.synchronizedList(new ArrayList<>());
    McpGeneration generation = await(client.generate(story(100).window(4)));
    generation.pause().handler(tokens::add).fetch(10);
    await().until(() -> tokens.size() == 10);
    await(client.infer(sound()));
    assertThat(tokens).hasSize(10);
    assertThat(generation.result().isComplete()).isFalse();
    generation.resume();
    assertThat(await(generation.result()).tokens()).isEqualTo(100);
    assertThat(tokens).hasSize(100);
  }

  private static InferenceRequest sound() throws IOException {
    return InferenceRequest.of("silero_vad", silero.inputs(0).toArray(Tensor[]::new));
  }

  @Test
  void aCanceledGenerationEndsAndOthersGoOn() throws Exception {
    McpGeneration canceled = await(client.generate(story(250).window(2)));
    canceled.handler(token -> {});
    canceled.cancel();
    assertThat(failure(canceled.result()).code()).isEqualTo(ErrorCode.REQUEST_CANCELED);
    assertThat(ids(story(20))).hasSize(20);
  }

  @Test
  void aModelThatCannotGenerateRefuses() throws Exception {
    McpException error = failure(client.generate(GenerationRequest.of("silero_vad", 1)));
    assertThat(error.code().isError()).isTrue();
    assertThat(failure(client.generate(GenerationRequest.of("missing", 1))).code())
        .isEqualTo(ErrorCode.MODEL_NOT_FOUND);
  }

  @Test
  void aRequestInPiecesEqualsAWholeOne() throws Exception {
    InferenceResult pieces = await(client.infer(sound().shardBytes(1024)));
    Optional<String> difference = silero.difference(0, pieces.tensors());
    assertThat(difference).isEmpty();
  }
}

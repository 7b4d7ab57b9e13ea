package io.modelcontrol.cli;

import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.client.GenerationEnd;
import io.modelcontrol.client.GenerationRequest;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpGeneration;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code modelctl generate}. */
@Command(
    name = "generate",
    description = {
      "Let a language model continue a text, and print it as it grows.",
      "The text of --prompt is cut into the longest pieces of the vocabulary; the model's own"
          + " tokenizer may cut it otherwise. Without a prompt the model begins."
    },
    sortOptions = false)
final class GenerateVerb extends RemoteVerb {
  /** Either a text or tokens. */
  private static final class Prompt {
    @Option(names = "--prompt", paramLabel = "TEXT", description = "The text to continue")
    private String text;

    @Option(
        names = "--tokens",
        paramLabel = "ID",
        split = ",",
        description = "The tokens to continue, as 1,403,407; --bos is not put before them")
    private List<Long> tokens;
  }

  @Parameters(paramLabel = "NAME", description = "The model")
  private String name;

  @ArgGroup private Prompt prompt = new Prompt();

  @Option(
      names = "--vocab",
      paramLabel = "FILE",
      description = "A JSON array of the tokens' texts; without it tokens are printed as numbers")
  private Path vocabularyFile;

  @Option(
      names = "--bos",
      paramLabel = "ID",
      defaultValue = "1",
      description = "The token that begins each text; default: 1")
  private long bos;

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      description = "How many tokens at most; default: the server's, 256")
  private Integer maxTokens;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description = "0 always takes the most likely token, 1 chooses as it was learned; default: 0")
  private Double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "N",
      description = "Choose among the N most likely tokens only")
  private Integer topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description = "Choose among the most likely tokens only that have probability P together")
  private Double topP;

  @Option(names = "--seed", paramLabel = "N", description = "The same seed, the same text")
  private Long seed;

  @Option(
      names = "--stop-tokens",
      paramLabel = "ID",
      split = ",",
      description = "End before any of these tokens, as 1,2")
  private List<Long> stopTokens = new ArrayList<>();

  @Option(
      names = "--version",
      paramLabel = "V",
      description = "The version to ask; default: the one that was loaded last")
  private String version;

  @Option(
      names = "--timeout",
      paramLabel = "MS",
      description = "Milliseconds until the text must be complete; default: the server's")
  private Long timeoutMs;

  @Override
  void run(McpClient client) {
    Vocabulary vocabulary = vocabulary();
    GenerationRequest request = request(find(client, name, version), tokens(vocabulary));
    Output output = vocabulary == null ? new Output(null) : new Output(vocabulary.new Text());
    for (long token : request.prompt()) {
      output.showPrompt(token);
    }
    McpGeneration generation = client.generate(request).await();
    generation.handler(token -> output.show(token.id()));
    try {
      output.end(generation.result().await());
    } catch (McpException e) {
      output.breakOff();
      throw e;
    }
  }

  private Vocabulary vocabulary() {
    return vocabularyFile == null
        ? null
        : Vocabulary.parse(new String(InputFiles.bytes(vocabularyFile), StandardCharsets.UTF_8));
  }

  private long[] tokens(Vocabulary vocabularyOrNull) {
    List<Long> tokens = new ArrayList<>();
    if (prompt.tokens != null) {
      tokens.addAll(prompt.tokens);
    } else {
      tokens.add(bos);
    }
    if (prompt.text != null) {
      if (vocabularyOrNull == null) {
        throw new UsageException("--prompt needs --vocab; without it give --tokens");
      }
      tokens.addAll(vocabularyOrNull.encode(prompt.text));
    }
    return longs(tokens);
  }

  private GenerationRequest request(ModelDescriptor model, long[] tokens) {
    String input = model.parameters().get("generate.tokens");
    try {
      GenerationRequest request = GenerationRequest.of(name, tokens).version(version);
      if (input != null) {
        request.input(input);
      }
      if (maxTokens != null) {
        request.maxTokens(maxTokens);
      }
      if (timeoutMs != null) {
        request.timeoutMs(timeoutMs);
      }
      return choice(request);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage(), e);
    }
  }

  private GenerationRequest choice(GenerationRequest request) {
    if (temperature != null) {
      request.temperature(temperature);
    }
    if (topK != null) {
      request.topK(topK);
    }
    if (topP != null) {
      request.topP(topP);
    }
    if (seed != null) {
      request.seed(seed);
    }
    return stopTokens.isEmpty() ? request : request.stopTokens(longs(stopTokens));
  }

  private static long[] longs(List<Long> values) {
    return values.stream().mapToLong(Long::longValue).toArray();
  }

  /** Prints what there is of the text, or collects it where JSON is wanted. */
  private final class Output {
    private final Vocabulary.Text text;
    private final StringBuilder all = new StringBuilder();
    private final JsonArray tokens = new JsonArray();

    Output(Vocabulary.Text textOrNull) {
      text = textOrNull;
    }

    void showPrompt(long token) {
      if (text != null) {
        print(text.append(token));
      }
    }

    void show(long token) {
      tokens.add(token);
      print(text != null ? text.append(token) : (tokens.size() == 1 ? "" : " ") + token);
    }

    private void print(String more) {
      all.append(more);
      if (!modelctl().json()) {
        modelctl().console().out().print(more);
        modelctl().console().out().flush();
      }
    }

    void end(GenerationEnd end) {
      breakOff();
      if (modelctl().json()) {
        JsonObject json = new JsonObject().put("model", name).put("tokens", tokens);
        if (text != null) {
          json.put("text", all.toString());
        }
        modelctl().print(json.put("finishReason", end.finishReason()).encodePrettily());
      }
    }

    /** What was printed stays a line of its own. */
    void breakOff() {
      if (text != null) {
        print(text.end());
      }
      if (!modelctl().json()) {
        modelctl().print("");
      }
    }
  }
}

package io.modelcontrol.cli;

import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.client.InferenceRequest;
import io.modelcontrol.client.InferenceResult;
import io.modelcontrol.client.McpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code modelctl infer}. */
@Command(
    name = "infer",
    description = {
      "Ask a model.",
      "An image goes through the preprocess chain of the model, on the server."
    },
    sortOptions = false)
final class InferVerb extends RemoteVerb {
  @Parameters(paramLabel = "NAME", description = "The model")
  private String name;

  @Option(
      names = "--input",
      paramLabel = "[NAME=]FILE",
      required = true,
      description = "An input from a .npy, .json, .png or .jpg file; may repeat")
  private List<String> inputs = new ArrayList<>();

  @Option(
      names = "--output",
      paramLabel = "NAME",
      description = "An output that is wanted; may repeat; default: all")
  private List<String> outputs = new ArrayList<>();

  @Option(
      names = "--version",
      paramLabel = "V",
      description = "The version to ask; default: the one that was loaded last")
  private String version;

  @Option(
      names = "--labels",
      paramLabel = "FILE",
      description = "Names of the classes: a line for each, or a JSON array")
  private Path labels;

  @Option(
      names = "--top-k",
      paramLabel = "N",
      defaultValue = "5",
      description = "How many classes of a result to show; default: 5")
  private int topK;

  @Option(
      names = "--timeout",
      paramLabel = "MS",
      defaultValue = "30000",
      description = "Milliseconds until the result must be there; default: 30000")
  private long timeoutMs;

  @Override
  void run(McpClient client) {
    if (topK < 1 || timeoutMs < 1) {
      throw new UsageException("--top-k and --timeout must be at least 1");
    }
    Labels names = labels();
    ModelDescriptor model = find(client, name, version);
    InferenceRequest request = request(model);
    long start = System.nanoTime();
    InferenceResult result = client.infer(request).await();
    double ms = (System.nanoTime() - start) / 1e6;
    ResultText text = new ResultText(model.id(), result, ms, names, topK);
    if (modelctl().json()) {
      modelctl().print(text.json().encodePrettily());
    } else {
      text.lines(modelctl().ansi()).forEach(modelctl()::print);
    }
  }

  private Labels labels() {
    if (labels == null) {
      return Labels.NONE;
    }
    try {
      return Labels.parse(new String(InputFiles.bytes(labels), StandardCharsets.UTF_8));
    } catch (McpException e) {
      throw new UsageException("--labels " + labels + ": " + e.getMessage(), e);
    }
  }

  private InferenceRequest request(ModelDescriptor model) {
    InferenceRequest request = InferenceRequest.of(name).version(version).timeoutMs(timeoutMs);
    inputs.forEach(input -> request.input(InputFiles.read(model, input)));
    outputs.forEach(request::output);
    return request;
  }
}

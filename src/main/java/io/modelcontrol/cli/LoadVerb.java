package io.modelcontrol.cli;

import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.client.UploadProgress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code modelctl load}. */
@Command(
    name = "load",
    description = "Load a model; its content is sent only if the server lacks it",
    sortOptions = false)
class LoadVerb extends RemoteVerb {
  @Parameters(index = "0", paramLabel = "NAME", description = "How the model is to be called")
  private String name;

  @Parameters(index = "1", paramLabel = "FILE", description = "Its content, an ONNX file")
  private Path file;

  @Option(
      names = "--version",
      paramLabel = "V",
      required = true,
      description = "How this version of it is to be called")
  private String version;

  @Option(
      names = "--param",
      paramLabel = "KEY=VALUE",
      description = "A parameter for the runtime; may repeat")
  private Map<String, String> parameters = new LinkedHashMap<>();

  @Option(
      names = "--preprocess",
      paramLabel = "CHAIN",
      description =
          "What is done to an image first, as 'Resize(width=28, height=28); Color(to=GRAY)'")
  private String preprocess;

  @Option(
      names = "--runtime",
      paramLabel = "NAME",
      description = "What executes it: onnx, reference; default: the server looks at the content")
  private String runtime;

  @Option(
      names = "--signature",
      paramLabel = "FILE",
      description = "A bundle of OpenSSF Model Signing, for servers that ask for one")
  private Path signature;

  @Option(names = "--no-delta", description = "Send all of the content if the server lacks it")
  private boolean whole;

  private volatile UploadProgress progress;

  @Override
  void run(McpClient client) {
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      throw new UsageException("file " + file + " is missing or cannot be read");
    }
    ModelDescriptor model = load(client);
    modelctl()
        .print(modelctl().json() ? ModelText.json(model).encodePrettily() : done(model) + sent());
  }

  /** How much of the content had to be sent. */
  private String sent() {
    UploadProgress end = progress;
    return end == null ? "" : ", sent " + end.sentBytes() + " of " + end.totalBytes() + " bytes";
  }

  /** Sends what there is to send, and waits for the outcome. */
  ModelDescriptor send(McpClient client, ProgressBar bar) {
    return client.load(upload(bar)).await();
  }

  /** What is printed in the end. */
  String done(ModelDescriptor model) {
    return "loaded " + model.id() + ", runtime " + model.runtime();
  }

  // The bar ends before the answer is printed, and in any case.
  @SuppressWarnings("try")
  private ModelDescriptor load(McpClient client) {
    try (ProgressBar bar = new ProgressBar(modelctl().console(), "loading " + name)) {
      return send(client, bar);
    }
  }

  final ModelUpload upload(ProgressBar bar) {
    try {
      ModelUpload upload = ModelUpload.of(name, version, file).delta(!whole);
      parameters.forEach(upload::parameter);
      if (preprocess != null) {
        upload.parameter("preprocess", preprocess);
      }
      if (runtime != null) {
        upload.parameter("runtime", runtime);
      }
      if (signature != null) {
        upload.signature(Files.readString(signature));
      }
      return upload.progressHandler(
          now -> {
            progress = now;
            bar.show(now.receivedBytes(), now.totalBytes());
          });
    } catch (IOException e) {
      throw new UsageException("file " + signature + " is missing or cannot be read", e);
    } catch (McpException e) {
      throw new UsageException(e.getMessage(), e);
    }
  }
}

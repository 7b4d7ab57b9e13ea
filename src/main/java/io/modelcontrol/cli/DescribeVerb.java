package io.modelcontrol.cli;

import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.PreprocessStep;
import io.modelcontrol.TensorSpec;
import io.modelcontrol.client.McpClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code modelctl describe}. */
@Command(name = "describe", description = "Tell what a model takes and gives")
final class DescribeVerb extends RemoteVerb {
  @Parameters(paramLabel = "NAME", description = "The model")
  private String name;

  @Option(
      names = "--version",
      paramLabel = "V",
      description = "Its version; default: the one that was loaded last")
  private String version;

  @Override
  void run(McpClient client) {
    ModelDescriptor model = find(client, name, version);
    if (modelctl().json()) {
      modelctl().print(ModelText.json(model).encodePrettily());
      return;
    }
    modelctl().print(model.id() + "  " + model.state() + "  " + model.runtime());
    if (model.digest() != null) {
      modelctl().print("  sha256      " + model.digest().hex());
    }
    for (TensorSpec input : model.inputs()) {
      modelctl().print("  input       " + input.name() + "  " + ModelText.type(input));
    }
    for (TensorSpec output : model.outputs()) {
      modelctl().print("  output      " + output.name() + "  " + ModelText.type(output));
    }
    for (PreprocessStep step : model.preprocess()) {
      modelctl().print("  preprocess  " + ModelText.step(step));
    }
    model
        .parameters()
        .forEach((key, value) -> modelctl().print("  parameter   " + key + " = " + value));
  }
}

package io.modelcontrol.cli;

import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.client.McpClient;
import picocli.CommandLine.Parameters;

/** A command that changes which version of a model is active, and prints which one is then. */
abstract class SwitchVerb extends RemoteVerb {
  @Parameters(index = "0", paramLabel = "NAME", description = "The model")
  private String name;

  /** Asks for the change; may block. */
  abstract ModelDescriptor change(McpClient client, String model);

  @Override
  final void run(McpClient client) {
    ModelDescriptor model = change(client, name);
    modelctl()
        .print(modelctl().json() ? ModelText.json(model).encodePrettily() : "active " + model.id());
  }
}

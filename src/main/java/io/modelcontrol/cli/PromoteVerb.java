package io.modelcontrol.cli;

import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.client.McpClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code modelctl promote}. */
@Command(
    name = "promote",
    description = "Make the version that is on trial active",
    sortOptions = false)
final class PromoteVerb extends RemoteVerb {
  @Parameters(index = "0", paramLabel = "NAME", description = "The model")
  private String name;

  @Override
  void run(McpClient client) {
    ModelDescriptor model = client.promote(name).await();
    modelctl()
        .print(modelctl().json() ? ModelText.json(model).encodePrettily() : "active " + model.id());
  }
}

package io.modelcontrol.cli;

import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.client.McpClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code modelctl rollback}. */
@Command(
    name = "rollback",
    description = "End the trial of a version, or go back to the one that was active before",
    sortOptions = false)
final class RollbackVerb extends RemoteVerb {
  @Parameters(index = "0", paramLabel = "NAME", description = "The model")
  private String name;

  @Override
  void run(McpClient client) {
    ModelDescriptor model = client.rollback(name).await();
    modelctl()
        .print(modelctl().json() ? ModelText.json(model).encodePrettily() : "active " + model.id());
  }
}

package io.modelcontrol.cli;

import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.client.McpClient;
import picocli.CommandLine.Command;

/** {@code modelctl rollback}. */
@Command(
    name = "rollback",
    description = "End the trial of a version, or go back to the one that was active before",
    sortOptions = false)
final class RollbackVerb extends SwitchVerb {
  @Override
  ModelDescriptor change(McpClient client, String model) {
    return client.rollback(model).await();
  }
}

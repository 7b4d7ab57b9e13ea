package io.modelcontrol.cli;

import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.client.McpClient;
import picocli.CommandLine.Command;

/** {@code modelctl promote}. */
@Command(
    name = "promote",
    description = "Make the version that is on trial active",
    sortOptions = false)
final class PromoteVerb extends SwitchVerb {
  @Override
  ModelDescriptor change(McpClient client, String model) {
    return client.promote(model).await();
  }
}

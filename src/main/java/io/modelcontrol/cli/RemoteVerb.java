package io.modelcontrol.cli;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.client.McpClient;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ParentCommand;

/** A command that asks a server. */
abstract class RemoteVerb implements Callable<Integer> {
  @ParentCommand private Modelctl modelctl;

  /** Asks and prints; may block. */
  abstract void run(McpClient client);

  @Override
  public final Integer call() {
    try (Remote remote = Remote.connect(modelctl.clientOptions())) {
      run(remote.client());
    }
    return Exit.OK;
  }

  final Modelctl modelctl() {
    return modelctl;
  }

  /**
   * The version of a model that is asked for, or the one that is active.
   *
   * @throws McpException MODEL_NOT_FOUND
   */
  static ModelDescriptor find(McpClient client, String name, String versionOrNull) {
    List<ModelDescriptor> versions = client.list(name).await();
    return versions.stream()
        .filter(model -> versionOrNull == null || model.id().version().equals(versionOrNull))
        .reduce((first, next) -> sharePercent(next) >= sharePercent(first) ? next : first)
        .orElseThrow(() -> notFound(name, versionOrNull));
  }

  /** Servers that tell no shares have all of them equal: then the last one it is. */
  private static int sharePercent(ModelDescriptor model) {
    String percent = model.parameters().getOrDefault("status.share", "0");
    return percent.matches("[0-9]{1,3}") ? Integer.parseInt(percent) : 0;
  }

  private static McpException notFound(String name, String version) {
    return McpException.streamError(
        ErrorCode.MODEL_NOT_FOUND,
        "no model '" + name + "' is loaded" + (version == null ? "" : " in version " + version));
  }
}

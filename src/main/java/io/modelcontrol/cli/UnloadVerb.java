package io.modelcontrol.cli;

import io.modelcontrol.client.McpClient;
import io.vertx.core.json.JsonObject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code modelctl unload}. */
@Command(name = "unload", description = "Unload a model")
final class UnloadVerb extends RemoteVerb {
  @Parameters(paramLabel = "NAME", description = "The model")
  private String name;

  @Option(names = "--version", paramLabel = "V", description = "Only this version; default: all")
  private String version;

  @Override
  void run(McpClient client) {
    if (version == null) {
      client.unload(name).await();
    } else {
      client.unload(name, version).await();
    }
    JsonObject done = new JsonObject().put("name", name).put("version", version);
    String model = version == null ? name : name + "/" + version;
    modelctl().print(modelctl().json() ? done.encode() : "unloaded " + model);
  }
}

package io.modelcontrol.cli;

import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.client.McpClient;
import io.vertx.core.json.JsonArray;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code modelctl models}. */
@Command(name = "models", description = "List the models that the server has")
final class ModelsVerb extends RemoteVerb {
  @Override
  void run(McpClient client) {
    List<ModelDescriptor> models = client.list().await();
    if (modelctl().json()) {
      JsonArray array = new JsonArray();
      models.forEach(model -> array.add(ModelText.json(model)));
      modelctl().print(array.encodePrettily());
      return;
    }
    TextTable table = new TextTable("NAME", "VERSION", "STATE", "SHARE", "RUNTIME", "SHA-256");
    for (ModelDescriptor model : models) {
      table.row(
          model.id().name(),
          model.id().version(),
          model.state().name(),
          ModelText.share(model),
          model.runtime(),
          model.digest() == null ? "-" : model.digest().hex().substring(0, 12));
    }
    table.lines().forEach(modelctl()::print);
  }
}

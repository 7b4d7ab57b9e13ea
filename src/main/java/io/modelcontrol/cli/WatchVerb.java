package io.modelcontrol.cli;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.client.McpClient;
import io.vertx.core.json.JsonArray;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code modelctl watch}. */
@Command(
    name = "watch",
    description = "Print the versions of models, their states and shares, with each change",
    sortOptions = false)
final class WatchVerb extends RemoteVerb {
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "NAME",
      description = "The model; default: all")
  private String name;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "0",
      description = "End after so many changes; 0: never")
  private int count;

  private String last = "";
  private int told;

  @Override
  void run(McpClient client) {
    CountDownLatch ended = new CountDownLatch(1);
    client.closeHandler(v -> ended.countDown());
    client.watch(models -> show(models, ended)).await();
    try {
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    if (count == 0 || told < count) {
      throw McpException.streamError(
          ErrorCode.NETWORK_CONNECTION_CLOSED, "the server has ended the session");
    }
  }

  private void show(List<ModelDescriptor> all, CountDownLatch ended) {
    List<ModelDescriptor> models =
        all.stream().filter(model -> name == null || model.id().name().equals(name)).toList();
    String text = modelctl().json() ? json(models) : table(models);
    if (text.equals(last) || ended.getCount() == 0) {
      return;
    }
    last = text;
    modelctl().print(text);
    if (++told == count) {
      ended.countDown();
    }
  }

  private static String json(List<ModelDescriptor> models) {
    JsonArray array = new JsonArray();
    models.forEach(model -> array.add(ModelText.json(model)));
    return array.encode();
  }

  private static String table(List<ModelDescriptor> models) {
    TextTable table = new TextTable("MODEL", "VERSION", "STATE", "SHARE");
    for (ModelDescriptor model : models) {
      table.row(
          model.id().name(), model.id().version(), model.state().name(), ModelText.share(model));
    }
    return String.join(System.lineSeparator(), table.lines());
  }
}

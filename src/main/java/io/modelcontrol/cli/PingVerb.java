package io.modelcontrol.cli;

import io.modelcontrol.client.McpClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code modelctl ping}. */
@Command(name = "ping", description = "Measure the round trip to the server")
final class PingVerb extends RemoteVerb {
  /** More would be a load test, which the server calls a flood. */
  private static final int MAX_COUNT = 50;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "1",
      description = "How many times, 1 to " + MAX_COUNT + "; default: 1")
  private int count;

  @Override
  void run(McpClient client) {
    if (count < 1 || count > MAX_COUNT) {
      throw new UsageException("--count must be 1 to " + MAX_COUNT + ", was " + count);
    }
    JsonArray all = new JsonArray();
    for (int i = 0; i < count; i++) {
      double ms = client.ping().await() / 1e6;
      all.add(ms);
      if (!modelctl().json()) {
        modelctl()
            .print(String.format(Locale.ROOT, "%s answered in %.3f ms", modelctl().server(), ms));
      }
    }
    if (modelctl().json()) {
      modelctl().print(new JsonObject().put("server", modelctl().server()).put("ms", all).encode());
    }
  }
}

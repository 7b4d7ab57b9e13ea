package io.modelcontrol.telemetry;

/** What has a size that is asked for when it is told; its name is the metric's. */
public enum Level {
  /** Memory that is reserved for the models of a node. */
  MODEL_MEMORY("mcp.memory.models", "Memory that the loaded models are counted with."),
  /** Memory that models may take. */
  MODEL_MEMORY_LIMIT("mcp.memory.models.limit", "Memory that models may take.");

  private final String metric;
  private final String description;

  Level(String metric, String description) {
    this.metric = metric;
    this.description = description;
  }

  /** The metric's name, with dots; its unit is bytes. */
  public String metric() {
    return metric;
  }

  public String description() {
    return description;
  }
}

package io.modelcontrol.telemetry;

/** What takes no time of its own and is counted; its name is the metric's. */
public enum Happening {
  /** A message is cut short because its stream or session has no credit left. */
  CREDIT_STALL("mcp.credit.stalls", "Messages that were cut short for want of credit."),
  /** A client sends a request once more. */
  RETRY("mcp.client.retries", "Requests that a client has sent once more."),
  /** An entry of the audit log was not written, because the disk is slower than they come. */
  AUDIT_LOST("mcp.audit.lost", "Entries of the audit log that were not written."),
  /** A version is unloaded to make room for another one. */
  MODEL_EVICTED("mcp.models.evicted", "Versions that were unloaded to make room for others."),
  /** A load is refused because memory for models is used up. */
  LOAD_REFUSED("mcp.loads.refused", "Loads that were refused for want of memory.");

  private final String metric;
  private final String description;

  Happening(String metric, String description) {
    this.metric = metric;
    this.description = description;
  }

  /** The metric's name, with dots. */
  public String metric() {
    return metric;
  }

  public String description() {
    return description;
  }
}

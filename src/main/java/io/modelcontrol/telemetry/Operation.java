package io.modelcontrol.telemetry;

/** A kind of work that is measured and traced; its name is the span's. */
public enum Operation {
  /** The client's side of a request, from the call to its outcome. */
  CLIENT_REQUEST("mcp.client.request"),
  /** From the accept of a connection to the Ready session, or to the failure. */
  HANDSHAKE("mcp.handshake"),
  /** A Ready session, until it is closed. */
  SESSION("mcp.session"),
  /** A session without a connection, until its client has resumed it or it is given up. */
  DETACHMENT("mcp.detachment"),
  /** The process of a model, until it ends. */
  PROCESS("mcp.process"),
  /** The server's side of a request, from its first message to the last of its answer. */
  REQUEST("mcp.request"),
  /** On the node of the model, from the arrival over the event bus to the reply. */
  DISPATCH("mcp.dispatch"),
  /** From the arrival in a model's queue until a worker takes it. */
  QUEUE("mcp.queue"),
  /** From the inputs of several requests to the outputs of each: they run as one. */
  BATCH("mcp.batch"),
  /** Images become the inputs of a model. */
  PREPROCESS("mcp.preprocess"),
  /** One execution by a model runtime for one request, preprocessing included. */
  RUNTIME("mcp.runtime");

  private final String spanName;

  Operation(String spanName) {
    this.spanName = spanName;
  }

  /** As it stands in traces. */
  public String spanName() {
    return spanName;
  }
}

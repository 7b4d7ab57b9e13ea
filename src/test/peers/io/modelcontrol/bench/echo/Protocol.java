package io.modelcontrol.bench.echo;

/** What is compared. */
enum Protocol {
  MCP("MCP, a stream each") {
    @Override
    Echo open(int payloadBytes) throws Exception {
      return new McpEcho(payloadBytes);
    }
  },
  RAW_TCP("raw Netty TCP, the limit") {
    @Override
    Echo open(int payloadBytes) throws Exception {
      return new RawTcpEcho(payloadBytes);
    }
  },
  RSOCKET("RSocket request/response") {
    @Override
    Echo open(int payloadBytes) {
      return new RsocketEcho(payloadBytes);
    }
  },
  GRPC("grpc-java unary") {
    @Override
    Echo open(int payloadBytes) throws Exception {
      return new GrpcEcho(payloadBytes);
    }
  };

  private final String title;

  Protocol(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  /** Starts a server, and connects to it over the loopback interface. */
  abstract Echo open(int payloadBytes) throws Exception;
}

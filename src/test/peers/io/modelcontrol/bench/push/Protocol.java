package io.modelcontrol.bench.push;

/** What is compared. */
enum Protocol {
  MCP("MCP") {
    @Override
    Push open(int size, Taken taken) throws Exception {
      return new McpPush(size, taken);
    }
  },
  RAW_TCP("raw Netty TCP, one way, the limit") {
    @Override
    Push open(int size, Taken taken) throws Exception {
      return new RawTcpPush(taken);
    }
  },
  RSOCKET("RSocket requestStream") {
    @Override
    Push open(int size, Taken taken) {
      return new RsocketPush(size, taken);
    }
  },
  GRPC("grpc-java server streaming") {
    @Override
    Push open(int size, Taken taken) throws Exception {
      return new GrpcPush(size, taken);
    }
  };

  private final String title;

  Protocol(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  /** Starts a server, connects to it over the loopback interface, and asks it to push. */
  abstract Push open(int size, Taken taken) throws Exception;
}

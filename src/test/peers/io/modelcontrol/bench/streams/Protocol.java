package io.modelcontrol.bench.streams;

/** What is compared. */
enum Protocol {
  MCP("MCP") {
    @Override
    Held start(int streams, Answers answers) throws Exception {
      return new McpHeld(streams, answers);
    }
  },
  HTTP2("raw Netty HTTP/2") {
    @Override
    Held start(int streams, Answers answers) throws Exception {
      return new Http2Held(streams, answers);
    }
  },
  GRPC("grpc-java bidirectional") {
    @Override
    Held start(int streams, Answers answers) throws Exception {
      return new GrpcHeld(streams, answers);
    }
  },
  RSOCKET("RSocket requestChannel") {
    @Override
    Held start(int streams, Answers answers) {
      return new RsocketHeld(streams, answers);
    }
  };

  private final String title;

  Protocol(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  /** Starts a server that allows so many streams on a session; nothing is connected yet. */
  abstract Held start(int streams, Answers answers) throws Exception;
}

package io.modelcontrol.bench.echo;

/** What is compared. */
enum Protocol {
  MCP("MCP, a stream each") {
    @Override
    Echo open(int requestBytes, int answerBytes) throws Exception {
      return new McpEcho(requestBytes, answerBytes);
    }
  },
  RAW_TCP("raw Netty TCP, the limit") {
    @Override
    Echo open(int requestBytes, int answerBytes) throws Exception {
      return new RawTcpEcho(requestBytes, answerBytes);
    }
  },
  RSOCKET("RSocket request/response") {
    @Override
    Echo open(int requestBytes, int answerBytes) throws Exception {
      return new RsocketEcho(requestBytes, answerBytes);
    }
  },
  HTTP_2("raw Netty HTTP/2, a stream each") {
    @Override
    Echo open(int requestBytes, int answerBytes) throws Exception {
      return new Http2Echo(requestBytes, answerBytes);
    }
  },
  HTTP_2_HELD("raw Netty HTTP/2, held streams") {
    @Override
    Echo open(int requestBytes, int answerBytes) throws Exception {
      return new Http2HeldEcho(requestBytes, answerBytes);
    }
  },
  GRPC("grpc-java unary") {
    @Override
    Echo open(int requestBytes, int answerBytes) throws Exception {
      return new GrpcEcho(requestBytes, answerBytes);
    }
  },
  GRPC_HELD("grpc-java bidirectional, held calls") {
    @Override
    Echo open(int requestBytes, int answerBytes) throws Exception {
      return new GrpcHeldEcho(requestBytes, answerBytes);
    }
  },
  VERTX_GRPC("vertx-grpc unary") {
    @Override
    Echo open(int requestBytes, int answerBytes) throws Exception {
      return new VertxGrpcEcho(requestBytes, answerBytes);
    }
  },
  QUIC("Netty QUIC, a stream each, encrypted") {
    @Override
    Echo open(int requestBytes, int answerBytes) throws Exception {
      return new QuicEcho(requestBytes, answerBytes);
    }
  };

  private final String title;

  Protocol(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  /**
   * Starts a server, and connects to it over the loopback interface.
   *
   * @param answerBytes the request itself is the answer where both are of one size
   */
  abstract Echo open(int requestBytes, int answerBytes) throws Exception;
}

package io.modelcontrol.bench.session;

import io.grpc.Attributes;
import io.grpc.Server;
import io.grpc.ServerTransportFilter;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.concurrent.Semaphore;

/** Connections of HTTP/2 that a grpc-java server holds. */
final class GrpcIdle implements IdleServer {
  /** No settings, and the acknowledgement of the server's. */
  private static final String SETTINGS = "000000" + "04" + "00" + "00000000";

  private static final String SETTINGS_ACK = "000000" + "04" + "01" + "00000000";

  private final Semaphore ready = new Semaphore(0);
  private final Server server;

  GrpcIdle() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .directExecutor()
            .addService(GrpcUnary.service(() -> {}))
            .addTransportFilter(new Counting())
            .build()
            .start();
  }

  @Override
  public int port() {
    return server.getPort();
  }

  @Override
  public byte[] hello() {
    byte[] preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    return HexFormat.of().parseHex(HexFormat.of().formatHex(preface) + SETTINGS + SETTINGS_ACK);
  }

  @Override
  public Semaphore ready() {
    return ready;
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  private final class Counting extends ServerTransportFilter {
    @Override
    public Attributes transportReady(Attributes attributes) {
      ready.release();
      return attributes;
    }
  }
}

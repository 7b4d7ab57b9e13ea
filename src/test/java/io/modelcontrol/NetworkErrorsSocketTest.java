package io.modelcontrol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.modelcontrol.NetworkErrors.Operation;
import io.vertx.core.Vertx;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.Test;

/**
 * Failures that real sockets on the loopback address produce, as JDK, Netty and Vert.x tell them.
 */
class NetworkErrorsSocketTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  @Test
  void nobodyListens() throws Exception {
    int port = unusedPort();
    Throwable blocking = catchThrowable(() -> new Socket(LOOPBACK, port).close());
    Throwable nio =
        catchThrowable(() -> SocketChannel.open(new InetSocketAddress(LOOPBACK, port)).close());
    assertCode(Operation.CONNECT, blocking, ErrorCode.NETWORK_CONNECTION_REFUSED);
    assertCode(Operation.CONNECT, nio, ErrorCode.NETWORK_CONNECTION_REFUSED);
  }

  @Test
  void nobodyListensForVertx() throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      Throwable failure =
          catchThrowable(
              () ->
                  vertx
                      .createNetClient()
                      .connect(unusedPort(), LOOPBACK.getHostAddress())
                      .toCompletionStage()
                      .toCompletableFuture()
                      .get(20, TimeUnit.SECONDS));
      assertCode(Operation.CONNECT, failure, ErrorCode.NETWORK_CONNECTION_REFUSED);
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void thePeerResets() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, LOOPBACK);
        Socket client = new Socket(LOOPBACK, server.getLocalPort())) {
      Socket accepted = server.accept();
      accepted.setSoLinger(true, 0);
      accepted.close();
      Throwable failure = catchThrowable(() -> client.getInputStream().read());
      assertCode(Operation.READ, failure, ErrorCode.NETWORK_CONNECTION_RESET);
    }
  }

  @Test
  void thePeerResetsAChannel() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, LOOPBACK);
        SocketChannel client = SocketChannel.open(server.getLocalSocketAddress())) {
      Socket accepted = server.accept();
      accepted.setSoLinger(true, 0);
      accepted.close();
      Throwable failure = catchThrowable(() -> client.read(ByteBuffer.allocate(1)));
      assertCode(Operation.READ, failure, ErrorCode.NETWORK_CONNECTION_RESET);
    }
  }

  @Test
  void nothingArrivesInTime() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, LOOPBACK);
        Socket client = new Socket(LOOPBACK, server.getLocalPort())) {
      client.setSoTimeout(1);
      Throwable failure = catchThrowable(() -> client.getInputStream().read());
      assertCode(Operation.READ, failure, ErrorCode.NETWORK_TIMEOUT);
      assertCode(Operation.CONNECT, failure, ErrorCode.NETWORK_CONNECT_TIMEOUT);
    }
  }

  @Test
  void thePeerCloses() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, LOOPBACK);
        Socket client = new Socket(LOOPBACK, server.getLocalPort())) {
      server.accept().close();
      DataInputStream in = new DataInputStream(client.getInputStream());
      assertCode(Operation.READ, catchThrowable(in::readInt), ErrorCode.NETWORK_CONNECTION_CLOSED);
    }
  }

  @Test
  void thisSideHasClosed() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 2, LOOPBACK)) {
      Socket socket = new Socket(LOOPBACK, server.getLocalPort());
      var in = socket.getInputStream();
      socket.close();
      assertCode(Operation.READ, catchThrowable(in::read), ErrorCode.NETWORK_CONNECTION_CLOSED);

      SocketChannel channel = SocketChannel.open(server.getLocalSocketAddress());
      channel.close();
      Throwable failure = catchThrowable(() -> channel.write(ByteBuffer.allocate(1)));
      assertCode(Operation.WRITE, failure, ErrorCode.NETWORK_CONNECTION_CLOSED);
    }
  }

  @Test
  void thePeerDoesNotSpeakTls() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, LOOPBACK);
        Socket plain = new Socket(LOOPBACK, server.getLocalPort());
        Socket accepted = server.accept()) {
      accepted.getOutputStream().write("HTTP/1.1 400 \r\n".getBytes(StandardCharsets.US_ASCII));
      SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
      try (SSLSocket tls =
          (SSLSocket) factory.createSocket(plain, "localhost", plain.getPort(), true)) {
        Throwable failure = catchThrowable(tls::startHandshake);
        assertCode(Operation.CONNECT, failure, ErrorCode.NETWORK_TLS_FAILED);
      }
    }
  }

  private static void assertCode(Operation operation, Throwable failure, ErrorCode code) {
    assertThat(failure).isNotNull();
    assertThat(NetworkErrors.codeOf(operation, failure)).as(failure.toString()).isEqualTo(code);
  }

  /** A port that was ours a moment ago; the system gives it to nobody else so soon. */
  private static int unusedPort() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, LOOPBACK)) {
      return server.getLocalPort();
    }
  }
}

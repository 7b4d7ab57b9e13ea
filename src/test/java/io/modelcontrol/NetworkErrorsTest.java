package io.modelcontrol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.modelcontrol.NetworkErrors.Operation;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.timeout.ReadTimeoutException;
import io.netty.handler.timeout.WriteTimeoutException;
import io.vertx.core.VertxException;
import io.vertx.core.http.HttpClosedException;
import java.io.EOFException;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of exceptions and codes, line by line; real sockets are in NetworkErrorsSocketTest. */
class NetworkErrorsTest {
  static Stream<Arguments> classes() {
    return Stream.of(
        arguments(new SocketTimeoutException("Read timed out"), "NETWORK_TIMEOUT"),
        arguments(new SocketTimeoutException("Connect timed out"), "NETWORK_CONNECT_TIMEOUT"),
        arguments(new ConnectTimeoutException("connection timed out"), "NETWORK_CONNECT_TIMEOUT"),
        arguments(new HttpConnectTimeoutException("x"), "NETWORK_CONNECT_TIMEOUT"),
        arguments(new HttpTimeoutException("x"), "NETWORK_TIMEOUT"),
        arguments(new TimeoutException(), "NETWORK_TIMEOUT"),
        arguments(ReadTimeoutException.INSTANCE, "NETWORK_TIMEOUT"),
        arguments(WriteTimeoutException.INSTANCE, "NETWORK_TIMEOUT"),
        arguments(new ConnectException("Connection refused"), "NETWORK_CONNECTION_REFUSED"),
        arguments(new ConnectException(), "NETWORK_CONNECTION_REFUSED"),
        arguments(new ConnectException("Connection timed out"), "NETWORK_CONNECT_TIMEOUT"),
        arguments(new ConnectException("Network is unreachable"), "NETWORK_UNREACHABLE"),
        arguments(new PortUnreachableException(), "NETWORK_CONNECTION_REFUSED"),
        arguments(new NoRouteToHostException(), "NETWORK_UNREACHABLE"),
        arguments(new UnknownHostException("host.invalid"), "NETWORK_UNRESOLVED"),
        arguments(new UnresolvedAddressException(), "NETWORK_UNRESOLVED"),
        arguments(new SSLException("bad record"), "NETWORK_TLS_FAILED"),
        arguments(new SSLPeerUnverifiedException("x"), "NETWORK_TLS_FAILED"),
        arguments(new NotSslRecordException("x"), "NETWORK_TLS_FAILED"),
        arguments(new CertificateException("expired"), "NETWORK_TLS_FAILED"),
        arguments(new ClosedChannelException(), "NETWORK_CONNECTION_CLOSED"),
        arguments(new AsynchronousCloseException(), "NETWORK_CONNECTION_CLOSED"),
        arguments(new ClosedByInterruptException(), "NETWORK_CONNECTION_CLOSED"),
        arguments(new EOFException(), "NETWORK_CONNECTION_CLOSED"),
        arguments(new ChannelOutputShutdownException("x"), "NETWORK_CONNECTION_CLOSED"),
        arguments(new HttpClosedException("Connection was closed"), "NETWORK_CONNECTION_CLOSED"),
        arguments(new BindException("Address already in use"), "NETWORK_IO_ERROR"),
        arguments(new SocketException(), "NETWORK_IO_ERROR"),
        arguments(new IOException("disk"), "NETWORK_IO_ERROR"),
        arguments(new IllegalStateException("x"), "UNKNOWN"));
  }

  /** Texts of the operating system, the JDK, Netty and Vert.x. */
  static Stream<Arguments> messages() {
    return Stream.of(
        arguments(new SocketException("Connection reset"), "NETWORK_CONNECTION_RESET"),
        arguments(new IOException("Connection reset by peer"), "NETWORK_CONNECTION_RESET"),
        arguments(new IOException("Broken pipe"), "NETWORK_CONNECTION_RESET"),
        arguments(
            new IOException("An established connection was aborted: connection aborted by host"),
            "NETWORK_CONNECTION_RESET"),
        arguments(
            new IOException("recvAddress(..) failed with error(-104): Connection reset by peer"),
            "NETWORK_CONNECTION_RESET"),
        arguments(
            new IOException("connect(..) failed with error(-111): Connection refused"),
            "NETWORK_CONNECTION_REFUSED"),
        arguments(
            new ConnectException("finishConnect(..) failed with error(-110): Connection timed out"),
            "NETWORK_CONNECT_TIMEOUT"),
        arguments(new IOException("Connection timed out"), "NETWORK_TIMEOUT"),
        arguments(new SocketException("No route to host"), "NETWORK_UNREACHABLE"),
        arguments(new SocketException("Network is unreachable: connect"), "NETWORK_UNREACHABLE"),
        arguments(new SocketException("Socket closed"), "NETWORK_CONNECTION_CLOSED"),
        arguments(new VertxException("Connection was closed"), "NETWORK_CONNECTION_CLOSED"),
        arguments(new VertxException("something else"), "UNKNOWN"),
        arguments(new IllegalStateException("Connection refused"), "UNKNOWN"),
        arguments(new RuntimeException("Connection reset"), "UNKNOWN"));
  }

  static Stream<Arguments> chains() {
    IOException reset = new IOException("Connection reset by peer");
    return Stream.of(
        arguments(new ExecutionException(reset), "NETWORK_CONNECTION_RESET"),
        arguments(new CompletionException(new IOException(reset)), "NETWORK_CONNECTION_RESET"),
        arguments(
            new DecoderException(new SSLHandshakeException("bad certificate")),
            "NETWORK_TLS_FAILED"),
        arguments(
            withCause(new SSLHandshakeException("x"), new CertificateException()),
            "NETWORK_TLS_FAILED"),
        arguments(
            withCause(new SSLHandshakeException("Remote host terminated"), new EOFException()),
            "NETWORK_TLS_FAILED"),
        arguments(
            withCause(
                new SSLException("Connection reset"), new SocketException("Connection reset")),
            "NETWORK_CONNECTION_RESET"),
        arguments(
            withCause(new SSLException("x"), new SocketTimeoutException("Read timed out")),
            "NETWORK_TIMEOUT"),
        arguments(new SSLException("Read timed out"), "NETWORK_TIMEOUT"),
        arguments(new RuntimeException(new IOException("disk")), "NETWORK_IO_ERROR"),
        arguments(new IOException(new IllegalStateException()), "NETWORK_IO_ERROR"),
        arguments(new RuntimeException(new RuntimeException()), "UNKNOWN"));
  }

  @ParameterizedTest
  @MethodSource({"classes", "messages", "chains"})
  void findsTheCode(Throwable failure, ErrorCode code) {
    assertThat(NetworkErrors.codeOf(failure)).isEqualTo(code);
    assertThat(NetworkErrors.codeOf(Operation.WRITE, failure)).isEqualTo(code);
    assertThat(NetworkErrors.codeOf(new RuntimeException("wrapped", failure))).isEqualTo(code);
  }

  @ParameterizedTest
  @MethodSource({"classes", "messages", "chains"})
  void aTimeoutWhileConnectingIsAConnectTimeout(Throwable failure, ErrorCode code) {
    ErrorCode expected =
        code == ErrorCode.NETWORK_TIMEOUT ? ErrorCode.NETWORK_CONNECT_TIMEOUT : code;
    assertThat(NetworkErrors.codeOf(Operation.CONNECT, failure)).isEqualTo(expected);
  }

  @Test
  void keepsTheCodeOfATypedError() {
    McpException typed = McpException.streamError(ErrorCode.OVERLOADED, "queue is full");
    assertThat(NetworkErrors.codeOf(typed)).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(NetworkErrors.codeOf(new IOException(typed))).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(NetworkErrors.toMcpException(Operation.READ, typed)).isSameAs(typed);
  }

  @Test
  void endsAtACircleOfCausesAndAtLongChains() {
    RuntimeException first = new RuntimeException("first");
    RuntimeException second = new RuntimeException("second", first);
    first.initCause(second);
    assertThat(NetworkErrors.codeOf(first)).isEqualTo(ErrorCode.UNKNOWN);

    Throwable deep = new SocketTimeoutException();
    for (int i = 0; i < 100; i++) {
      deep = new RuntimeException(deep);
    }
    assertThat(NetworkErrors.codeOf(deep)).isEqualTo(ErrorCode.UNKNOWN);
  }

  @Test
  void tellsTheOperationAndNoAddress() {
    IOException failure = new ConnectException("Connection refused: host.example/192.0.2.1:9001");
    McpException error = NetworkErrors.toMcpException(Operation.CONNECT, failure);
    assertThat(error.code()).isEqualTo(ErrorCode.NETWORK_CONNECTION_REFUSED);
    assertThat(error.scope()).isEqualTo(McpException.Scope.STREAM);
    assertThat(error).hasMessage("connect failed: nobody listens at the address").hasCause(failure);
    McpException unknown = NetworkErrors.toMcpException(Operation.WRITE, new Error("secret"));
    assertThat(unknown).hasMessage("write failed: for an unknown reason");
  }

  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void everyCodeSurvivesTheWayThereAndBack(ErrorCode code) {
    IOException exception = NetworkErrors.toException(code, "Connection refused, timed out");
    assertThat(exception).hasMessageContaining("Connection refused, timed out");
    assertThat(NetworkErrors.codeOf(exception)).isEqualTo(code);
  }

  @Test
  void givesTheTypesThatJavaProgrammersCatch() {
    assertThat(NetworkErrors.toException(ErrorCode.NETWORK_CONNECT_TIMEOUT, "x"))
        .isInstanceOf(SocketTimeoutException.class);
    assertThat(NetworkErrors.toException(ErrorCode.NETWORK_TIMEOUT, "x"))
        .isInstanceOf(SocketTimeoutException.class);
    assertThat(NetworkErrors.toException(ErrorCode.NETWORK_CONNECTION_REFUSED, "x"))
        .isInstanceOf(ConnectException.class);
    assertThat(NetworkErrors.toException(ErrorCode.NETWORK_UNREACHABLE, "x"))
        .isInstanceOf(NoRouteToHostException.class);
    assertThat(NetworkErrors.toException(ErrorCode.NETWORK_UNRESOLVED, "x"))
        .isInstanceOf(UnknownHostException.class);
    assertThat(NetworkErrors.toException(ErrorCode.NETWORK_CONNECTION_RESET, "x"))
        .isInstanceOf(SocketException.class);
    assertThat(NetworkErrors.toException(ErrorCode.NETWORK_CONNECTION_CLOSED, "x"))
        .isInstanceOf(SocketException.class);
    assertThat(NetworkErrors.toException(ErrorCode.NETWORK_TLS_FAILED, "x"))
        .isInstanceOf(SSLException.class);
  }

  private static Throwable withCause(Throwable failure, Throwable cause) {
    return failure.initCause(cause);
  }
}

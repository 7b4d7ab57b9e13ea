package io.modelcontrol;

import static io.modelcontrol.ErrorCode.NETWORK_CONNECTION_CLOSED;
import static io.modelcontrol.ErrorCode.NETWORK_CONNECTION_REFUSED;
import static io.modelcontrol.ErrorCode.NETWORK_CONNECTION_RESET;
import static io.modelcontrol.ErrorCode.NETWORK_CONNECT_TIMEOUT;
import static io.modelcontrol.ErrorCode.NETWORK_IO_ERROR;
import static io.modelcontrol.ErrorCode.NETWORK_TIMEOUT;
import static io.modelcontrol.ErrorCode.NETWORK_TLS_FAILED;
import static io.modelcontrol.ErrorCode.NETWORK_UNREACHABLE;
import static io.modelcontrol.ErrorCode.NETWORK_UNRESOLVED;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.SSLException;

/**
 * Network exceptions to error codes and back. Contract 5.
 *
 * <p>The chain, for the exception and then for each of its causes: its class, the most special one
 * first; the words of its message, where operating system, JDK or Netty tell a failure by its
 * message only. If no link of the chain says more, one that is an {@link IOException} makes it
 * NETWORK_IO_ERROR, and what is left is UNKNOWN.
 */
public final class NetworkErrors {
  /** What was being done; a timeout means another thing for each. */
  public enum Operation {
    /** Establishing the connection, with TLS its handshake. */
    CONNECT,
    READ,
    WRITE
  }

  /** Causes are followed this far; the chain of a wrapped exception may even be a circle. */
  private static final int MAX_CAUSES = 16;

  /** "Read timed out": the words of what TLS wraps stand within so many characters. */
  private static final int MAX_TLS_PREFIX = 6;

  /** Classes by name, so that this package needs neither Netty's channels nor Vert.x. */
  private static final Map<String, ErrorCode> BY_CLASS =
      Map.ofEntries(
          Map.entry("io.netty.channel.ConnectTimeoutException", NETWORK_CONNECT_TIMEOUT),
          Map.entry("java.net.http.HttpConnectTimeoutException", NETWORK_CONNECT_TIMEOUT),
          Map.entry("java.net.SocketTimeoutException", NETWORK_TIMEOUT),
          Map.entry("java.net.http.HttpTimeoutException", NETWORK_TIMEOUT),
          Map.entry("java.nio.channels.InterruptedByTimeoutException", NETWORK_TIMEOUT),
          Map.entry("java.util.concurrent.TimeoutException", NETWORK_TIMEOUT),
          Map.entry("io.netty.handler.timeout.TimeoutException", NETWORK_TIMEOUT),
          Map.entry("io.netty.handler.ssl.SslHandshakeTimeoutException", NETWORK_TIMEOUT),
          Map.entry("java.net.ConnectException", NETWORK_CONNECTION_REFUSED),
          Map.entry("java.net.PortUnreachableException", NETWORK_CONNECTION_REFUSED),
          Map.entry("java.net.NoRouteToHostException", NETWORK_UNREACHABLE),
          Map.entry("java.net.UnknownHostException", NETWORK_UNRESOLVED),
          Map.entry("java.nio.channels.UnresolvedAddressException", NETWORK_UNRESOLVED),
          Map.entry("javax.net.ssl.SSLException", NETWORK_TLS_FAILED),
          Map.entry("java.security.cert.CertificateException", NETWORK_TLS_FAILED),
          Map.entry("java.security.cert.CertPathValidatorException", NETWORK_TLS_FAILED),
          Map.entry("io.netty.handler.ssl.SslClosedEngineException", NETWORK_CONNECTION_CLOSED),
          Map.entry("java.nio.channels.ClosedChannelException", NETWORK_CONNECTION_CLOSED),
          Map.entry("java.io.EOFException", NETWORK_CONNECTION_CLOSED),
          Map.entry(
              "io.netty.channel.socket.ChannelOutputShutdownException", NETWORK_CONNECTION_CLOSED),
          Map.entry("io.vertx.core.http.HttpClosedException", NETWORK_CONNECTION_CLOSED));

  /** Words of messages; of several in one message the first that stands in it counts. */
  private static final Map<String, ErrorCode> BY_WORDS =
      Map.ofEntries(
          Map.entry("connection refused", NETWORK_CONNECTION_REFUSED),
          Map.entry("connection reset", NETWORK_CONNECTION_RESET),
          Map.entry("broken pipe", NETWORK_CONNECTION_RESET),
          Map.entry("connection abort", NETWORK_CONNECTION_RESET),
          Map.entry("forcibly closed", NETWORK_CONNECTION_RESET),
          Map.entry("no route to host", NETWORK_UNREACHABLE),
          Map.entry("network is unreachable", NETWORK_UNREACHABLE),
          Map.entry("network is down", NETWORK_UNREACHABLE),
          Map.entry("host is down", NETWORK_UNREACHABLE),
          Map.entry("host is unreachable", NETWORK_UNREACHABLE),
          Map.entry("connect timed out", NETWORK_CONNECT_TIMEOUT),
          Map.entry("timed out", NETWORK_TIMEOUT),
          Map.entry("name or service not known", NETWORK_UNRESOLVED),
          Map.entry("failure in name resolution", NETWORK_UNRESOLVED),
          Map.entry("connection was closed", NETWORK_CONNECTION_CLOSED),
          Map.entry("connection closed", NETWORK_CONNECTION_CLOSED),
          Map.entry("socket closed", NETWORK_CONNECTION_CLOSED),
          Map.entry("socket is closed", NETWORK_CONNECTION_CLOSED),
          Map.entry("stream closed", NETWORK_CONNECTION_CLOSED));

  private NetworkErrors() {}

  /** The code of a failure outside of connecting. */
  public static ErrorCode codeOf(Throwable failure) {
    return codeOf(Operation.READ, failure);
  }

  /** The code of a failure while an operation ran; never {@code null}. */
  public static ErrorCode codeOf(Operation operation, Throwable failure) {
    Objects.requireNonNull(operation, "operation");
    Objects.requireNonNull(failure, "failure");
    McpException typed = typedIn(failure);
    ErrorCode code = typed == null ? codeOfChain(failure) : typed.code();
    return code == NETWORK_TIMEOUT && operation == Operation.CONNECT
        ? NETWORK_CONNECT_TIMEOUT
        : code;
  }

  /**
   * The typed error of a failure. Its text names the operation and the outcome, and no address; the
   * failure itself is the cause. An {@link McpException} is returned as it is.
   */
  public static McpException toMcpException(Operation operation, Throwable failure) {
    if (failure instanceof McpException known) {
      return known;
    }
    ErrorCode code = codeOf(operation, failure);
    String text = operation.name().toLowerCase(Locale.ROOT) + " failed: " + outcome(code);
    return McpException.streamError(code, text, failure);
  }

  /**
   * The exception that a Java programmer expects for a code, of the closest type of {@code
   * java.net}, for those who must pass errors through an interface that knows no codes. {@link
   * #codeOf} gives the same code back; for a code that is none of the network's the {@link
   * McpException} is the cause.
   */
  public static IOException toException(ErrorCode code, String text) {
    return switch (code) {
      case NETWORK_CONNECT_TIMEOUT -> new SocketTimeoutException("Connect timed out: " + text);
      case NETWORK_TIMEOUT -> new SocketTimeoutException("Timed out: " + text);
      case NETWORK_UNREACHABLE -> new NoRouteToHostException(text);
      case NETWORK_CONNECTION_RESET -> new SocketException("Connection reset: " + text);
      case NETWORK_CONNECTION_REFUSED -> new ConnectException("Connection refused: " + text);
      case NETWORK_CONNECTION_CLOSED -> new SocketException("Socket closed: " + text);
      case NETWORK_UNRESOLVED -> new UnknownHostException(text);
      case NETWORK_TLS_FAILED -> new SSLException("TLS failed: " + text);
      case NETWORK_IO_ERROR ->
          new IOException("I/O error: " + text, McpException.streamError(code, text));
      default -> new IOException(text, McpException.streamError(code, text));
    };
  }

  /** A code that somebody gave already counts more than what can be guessed from around it. */
  private static McpException typedIn(Throwable failure) {
    Throwable link = failure;
    for (int i = 0; link != null && i < MAX_CAUSES; i++) {
      if (link instanceof McpException typed) {
        return typed;
      }
      link = link.getCause();
    }
    return null;
  }

  private static ErrorCode codeOfChain(Throwable failure) {
    ErrorCode fallback = ErrorCode.UNKNOWN;
    Throwable link = failure;
    for (int i = 0; link != null && i < MAX_CAUSES; i++) {
      ErrorCode code = codeOfLink(link);
      if (code == NETWORK_TLS_FAILED) {
        // TLS also wraps what happened to the connection below it: the cause may know better.
        fallback = code;
      } else if (code != null && (fallback != NETWORK_TLS_FAILED || isBelowTls(code))) {
        return code;
      } else if (fallback == ErrorCode.UNKNOWN && link instanceof IOException) {
        fallback = NETWORK_IO_ERROR;
      }
      link = link.getCause();
    }
    return fallback;
  }

  private static ErrorCode codeOfLink(Throwable link) {
    ErrorCode byClass = byClass(link.getClass());
    if (byClass == null || refinesByWords(byClass)) {
      ErrorCode byWords = byWords(link);
      return byWords == null ? byClass : refine(byClass, byWords);
    }
    return byClass;
  }

  /** Classes that stand for more than one outcome. */
  private static boolean refinesByWords(ErrorCode byClass) {
    return byClass == NETWORK_CONNECTION_REFUSED
        || byClass == NETWORK_TIMEOUT
        || byClass == NETWORK_TLS_FAILED;
  }

  private static ErrorCode refine(ErrorCode byClass, ErrorCode byWords) {
    if (byClass == NETWORK_TIMEOUT) {
      return byWords == NETWORK_CONNECT_TIMEOUT ? byWords : byClass;
    }
    if (byClass == NETWORK_TLS_FAILED) {
      return isBelowTls(byWords) ? byWords : byClass;
    }
    // The operating system's "Connection timed out" comes as a ConnectException.
    return byClass == NETWORK_CONNECTION_REFUSED && byWords == NETWORK_TIMEOUT
        ? NETWORK_CONNECT_TIMEOUT
        : byWords;
  }

  /** What ends a connection whether or not it is one of TLS; a mere close is TLS's own affair. */
  private static boolean isBelowTls(ErrorCode code) {
    return code == NETWORK_CONNECTION_RESET
        || code == NETWORK_TIMEOUT
        || code == NETWORK_CONNECT_TIMEOUT
        || code == NETWORK_UNREACHABLE;
  }

  private static ErrorCode byClass(Class<?> type) {
    for (Class<?> next = type; next != null; next = next.getSuperclass()) {
      ErrorCode code = BY_CLASS.get(next.getName());
      if (code != null) {
        return code;
      }
    }
    return null;
  }

  /**
   * Only those who report on a connection are believed: other messages may hold anybody's words.
   */
  private static ErrorCode byWords(Throwable link) {
    boolean reportsOnConnection =
        link instanceof IOException || link.getClass().getName().startsWith("io.vertx.core.");
    if (!reportsOnConnection || link.getMessage() == null) {
      return null;
    }
    String message = link.getMessage().toLowerCase(Locale.ROOT);
    ErrorCode first = null;
    // TLS quotes certificates: its message counts only where it begins like the one it wraps.
    int at = link instanceof SSLException ? MAX_TLS_PREFIX : Integer.MAX_VALUE;
    for (Map.Entry<String, ErrorCode> words : BY_WORDS.entrySet()) {
      int found = message.indexOf(words.getKey());
      if (found >= 0 && found < at) {
        at = found;
        first = words.getValue();
      }
    }
    return first;
  }

  private static String outcome(ErrorCode code) {
    return switch (code) {
      case NETWORK_CONNECT_TIMEOUT -> "no connection in the time that was granted";
      case NETWORK_TIMEOUT -> "no answer in the time that was granted";
      case NETWORK_UNREACHABLE -> "no route to the host";
      case NETWORK_CONNECTION_RESET -> "the peer reset the connection";
      case NETWORK_CONNECTION_REFUSED -> "nobody listens at the address";
      case NETWORK_CONNECTION_CLOSED -> "the connection is closed";
      case NETWORK_UNRESOLVED -> "the host name has no address";
      case NETWORK_TLS_FAILED -> "TLS could not be agreed on or was broken";
      case NETWORK_IO_ERROR -> "input or output error";
      default -> "for an unknown reason";
    };
  }
}

package io.modelcontrol.session.transport;

import io.vertx.core.net.SocketAddress;

/**
 * Where a server listens and a client connects: host and port, or {@code unix:} and the path of a
 * socket in the file system, whose permissions say who may connect.
 */
public final class Endpoint {
  /** What a host begins with that is a path. */
  public static final String UNIX = "unix:";

  private Endpoint() {}

  /** Whether the host is a path on this machine. */
  public static boolean isUnix(String host) {
    return host.startsWith(UNIX);
  }

  /** The address of Vert.x; the port of a path does not matter. */
  public static SocketAddress of(String host, int port) {
    return isUnix(host)
        ? SocketAddress.domainSocketAddress(host.substring(UNIX.length()))
        : SocketAddress.inetSocketAddress(port, host);
  }
}

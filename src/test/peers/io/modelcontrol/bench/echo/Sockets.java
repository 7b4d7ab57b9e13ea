package io.modelcontrol.bench.echo;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;

/** Native sockets where they are there: RSocket and grpc-java take them by themselves. */
public final class Sockets {
  private static final boolean NATIVE = Epoll.isAvailable();

  private Sockets() {}

  /** One event loop for the server, one for the client. */
  public static EventLoopGroup loops() {
    IoHandlerFactory handlers = NATIVE ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    return new MultiThreadIoEventLoopGroup(2, handlers);
  }

  public static Class<? extends ServerSocketChannel> server() {
    return NATIVE ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
  }

  public static Class<? extends SocketChannel> client() {
    return NATIVE ? EpollSocketChannel.class : NioSocketChannel.class;
  }

  /** As `modelctl serve` makes it. */
  public static Vertx vertx() {
    return Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
  }
}

package io.modelcontrol.bench.session;

import io.modelcontrol.bench.echo.Echo;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.concurrent.TimeUnit;

/** A socket of its own for so many bytes and their echo: what connecting costs by itself. */
final class RawConnect implements Echo {
  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final RawServer server;
  private final ByteBuf payload;
  private final int size;

  RawConnect(int payloadBytes) {
    size = payloadBytes;
    payload = Echo.payload(payloadBytes);
    server = new RawServer(EchoHandler::new);
  }

  @Override
  public void call(Caller caller) {
    new Bootstrap()
        .group(loop)
        .channel(NioSocketChannel.class)
        .option(ChannelOption.TCP_NODELAY, true)
        .handler(new Client(caller))
        .connect(server.address());
  }

  @Override
  public void close() {
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    server.close();
  }

  private static final class EchoHandler extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ctx.writeAndFlush(message, ctx.voidPromise());
    }
  }

  private final class Client extends ChannelInboundHandlerAdapter {
    private final Caller caller;
    private int received;

    Client(Caller caller) {
      this.caller = caller;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      ctx.writeAndFlush(payload.duplicate(), ctx.voidPromise());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf bytes = (ByteBuf) message;
      received += bytes.readableBytes();
      bytes.release();
      if (received == size) {
        ctx.close().addListener(closed -> caller.answered(received));
      }
    }
  }
}

package io.modelcontrol.bench.push;

import io.modelcontrol.bench.echo.Echo;
import io.modelcontrol.bench.echo.Sockets;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** Bytes without any frame, 64 KiB at a time: what a socket and an event loop can carry one way. */
final class RawTcpPush implements Push {
  private static final int CHUNK_BYTES = 64 << 10;

  /** Room for several chunks, which are then written by one call of the system. */
  private static final WriteBufferWaterMark WATER =
      new WriteBufferWaterMark(4 * CHUNK_BYTES, 8 * CHUNK_BYTES);

  private final EventLoopGroup loops = Sockets.loops();
  private final Channel server;
  private final Channel client;

  RawTcpPush(Taken taken) throws Exception {
    server =
        new ServerBootstrap()
            .group(loops)
            .channel(Sockets.server())
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    channel.pipeline().addLast(new Writer(taken));
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sync()
            .channel();
    client =
        new Bootstrap()
            .group(loops)
            .channel(Sockets.client())
            .handler(new Reader(taken))
            .connect(server.localAddress())
            .sync()
            .channel();
  }

  @Override
  public void close() {
    client.close().syncUninterruptibly();
    server.close().syncUninterruptibly();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /** Writes as long as there is room. */
  private static final class Writer extends ChannelInboundHandlerAdapter {
    private final ByteBuf chunk = Echo.payload(CHUNK_BYTES);
    private final Taken taken;

    Writer(Taken taken) {
      this.taken = taken;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      fill(ctx);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      fill(ctx);
    }

    private void fill(ChannelHandlerContext ctx) {
      while (ctx.channel().isWritable()) {
        ctx.write(chunk.duplicate(), ctx.voidPromise());
      }
      ctx.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      taken.failed(cause);
    }
  }

  /** Counts bytes. */
  private static final class Reader extends ChannelInboundHandlerAdapter {
    private final Taken taken;

    Reader(Taken taken) {
      this.taken = taken;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf bytes = (ByteBuf) message;
      taken.bytes(bytes.readableBytes());
      bytes.release();
    }
  }
}

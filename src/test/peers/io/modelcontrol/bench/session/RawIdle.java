package io.modelcontrol.bench.session;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.Semaphore;

/** Sockets on which nothing is built. */
final class RawIdle implements IdleServer {
  private final Semaphore ready = new Semaphore(0);
  private final RawServer server = new RawServer(Greeting::new);

  @Override
  public int port() {
    return server.address().getPort();
  }

  @Override
  public byte[] hello() {
    return new byte[1];
  }

  @Override
  public Semaphore ready() {
    return ready;
  }

  @Override
  public void close() {
    server.close();
  }

  private final class Greeting extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      ctx.writeAndFlush(Unpooled.wrappedBuffer(new byte[1]), ctx.voidPromise());
      ready.release();
    }
  }
}

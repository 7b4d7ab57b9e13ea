package io.modelcontrol.bench.echo;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2DataFrame;

/** Makes the window of a connection as large as those of its streams, and gives credit back. */
final class Http2Windows extends ChannelInboundHandlerAdapter {
  private final int bytes;

  Http2Windows(int bytes) {
    this.bytes = bytes;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    ctx.writeAndFlush(new DefaultHttp2WindowUpdateFrame(bytes));
    ctx.fireChannelActive();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof Http2DataFrame data) {
      int taken = data.initialFlowControlledBytes();
      var stream = data.stream();
      ctx.fireChannelRead(message);
      if (taken > 0) {
        ctx.write(new DefaultHttp2WindowUpdateFrame(taken).stream(stream));
      }
    } else {
      ctx.fireChannelRead(message);
    }
  }
}

package io.modelcontrol.bench.echo;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/** Bytes without any frame: what a socket and an event loop cost by themselves. */
final class RawTcpEcho implements Echo {
  private final EventLoopGroup loops = Sockets.loops();
  private final ByteBuf payload;
  private final Channel server;
  private final Channel client;
  private final Answers answers;

  RawTcpEcho(int requestBytes, int answerBytes) throws Exception {
    payload = Echo.payload(requestBytes);
    answers = new Answers(answerBytes);
    server =
        new ServerBootstrap()
            .group(loops)
            .channel(Sockets.server())
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    channel
                        .pipeline()
                        .addLast(
                            requestBytes == answerBytes
                                ? new Mirror()
                                : new Answering(requestBytes, answerBytes));
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sync()
            .channel();
    client =
        new Bootstrap()
            .group(loops)
            .channel(Sockets.client())
            .option(ChannelOption.TCP_NODELAY, true)
            .handler(answers)
            .connect(server.localAddress())
            .sync()
            .channel();
  }

  @Override
  public void execute(Runnable task) {
    client.eventLoop().execute(task);
  }

  @Override
  public void call(Caller caller) {
    answers.awaited.add(caller);
    answers.write(client, payload.duplicate());
  }

  @Override
  public void close() {
    client.close().syncUninterruptibly();
    server.close().syncUninterruptibly();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /** Sends back what it reads, and flushes when it has read all there is. */
  private static final class Mirror extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ctx.write(message, ctx.voidPromise());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      ctx.flush();
    }
  }

  /** Drops what it reads, and answers so many bytes of it. */
  private static final class Answering extends ChannelInboundHandlerAdapter {
    private final int requestBytes;
    private final ByteBuf answer;
    private long received;

    Answering(int requestBytes, int answerBytes) {
      this.requestBytes = requestBytes;
      answer = Echo.payload(answerBytes);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf bytes = (ByteBuf) message;
      received += bytes.readableBytes();
      bytes.release();
      for (; received >= requestBytes; received -= requestBytes) {
        ctx.write(answer.duplicate(), ctx.voidPromise());
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      ctx.flush();
    }
  }

  /** Counts bytes; so many of them are an answer. */
  private static final class Answers extends ChannelInboundHandlerAdapter {
    private final ArrayDeque<Caller> awaited = new ArrayDeque<>();
    private final int size;
    private long received;
    private boolean reading;

    Answers(int size) {
      this.size = size;
    }

    void write(Channel channel, ByteBuf request) {
      if (reading) {
        channel.write(request, channel.voidPromise());
      } else {
        channel.writeAndFlush(request, channel.voidPromise());
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      reading = true;
      ByteBuf bytes = (ByteBuf) message;
      received += bytes.readableBytes();
      bytes.release();
      for (; received >= size; received -= size) {
        awaited.remove().answered(size);
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      reading = false;
      ctx.flush();
    }
  }
}

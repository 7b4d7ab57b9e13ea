package io.modelcontrol.bench.echo;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.concurrent.Future;

/** Requests over QUIC, each on a stream of its own; encrypted, as QUIC always is. */
final class QuicEcho implements Echo {
  private final ByteBuf payload;
  private final QuicConnection connection;

  QuicEcho(int requestBytes, int answerBytes) throws Exception {
    payload = Echo.payload(requestBytes);
    connection = new QuicConnection(new Server(answerBytes));
  }

  @Override
  public void execute(Runnable task) {
    connection.client().eventLoop().execute(task);
  }

  @Override
  public void call(Caller caller) {
    connection
        .client()
        .createStream(QuicStreamType.BIDIRECTIONAL, new Answer(caller))
        .addListener(
            (Future<QuicStreamChannel> opened) -> {
              if (opened.isSuccess()) {
                opened
                    .getNow()
                    .writeAndFlush(payload.duplicate())
                    .addListener(QuicStreamChannel.SHUTDOWN_OUTPUT);
              } else {
                caller.failed(opened.cause());
              }
            });
  }

  @Override
  public void close() {
    connection.close();
  }

  private static final class Answer extends ChannelInboundHandlerAdapter {
    private final Caller caller;
    private int bytes;

    Answer(Caller caller) {
      this.caller = caller;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf part = (ByteBuf) message;
      bytes += part.readableBytes();
      part.release();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event == ChannelInputShutdownReadComplete.INSTANCE) {
        caller.answered(bytes);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      caller.failed(cause);
    }
  }

  /** Answers what has ended. */
  @ChannelHandler.Sharable
  private static final class Server extends ChannelInboundHandlerAdapter {
    private final ByteBuf answer;

    Server(int answerBytes) {
      answer = Echo.payload(answerBytes);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ((ByteBuf) message).release();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event == ChannelInputShutdownReadComplete.INSTANCE) {
        ctx.writeAndFlush(answer.duplicate()).addListener(QuicStreamChannel.SHUTDOWN_OUTPUT);
      }
    }
  }
}

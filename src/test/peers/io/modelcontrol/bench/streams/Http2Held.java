package io.modelcontrol.bench.streams;

import io.modelcontrol.bench.echo.Echo;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.util.AsciiString;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** HTTP/2 of Netty, each stream a channel, a message a DATA frame; all streams share a handler. */
final class Http2Held implements Held {
  private static final Http2Headers REQUEST =
      ReadOnlyHttp2Headers.clientHeaders(
          false,
          AsciiString.cached("POST"),
          AsciiString.cached("/echo"),
          AsciiString.cached("http"),
          AsciiString.cached("localhost"));
  private static final Http2Headers RESPONSE =
      ReadOnlyHttp2Headers.serverHeaders(false, AsciiString.cached("200"));

  private final EventLoopGroup serverLoops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final EventLoopGroup clientLoops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final ByteBuf payload = Echo.payload(Answers.MESSAGE_BYTES);
  private final Channel[] streams;
  private final Answers answers;
  private final Channel server;
  private Channel client;
  private Http2StreamChannelBootstrap opener;

  Http2Held(int streams, Answers answers) throws Exception {
    this.streams = new Channel[streams];
    this.answers = answers;
    Server echo = new Server();
    server =
        new ServerBootstrap()
            .group(serverLoops)
            .channel(NioServerSocketChannel.class)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    Http2Settings settings =
                        Http2Settings.defaultSettings().maxConcurrentStreams(streams);
                    channel
                        .pipeline()
                        .addLast(
                            Http2FrameCodecBuilder.forServer().initialSettings(settings).build())
                        .addLast(new Http2MultiplexHandler(echo));
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sync()
            .channel();
  }

  @Override
  public void connect() throws Exception {
    client =
        new Bootstrap()
            .group(clientLoops)
            .channel(NioSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true)
            .handler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    channel
                        .pipeline()
                        .addLast(Http2FrameCodecBuilder.forClient().build())
                        .addLast(new Http2MultiplexHandler(new Taker(answers)));
                  }
                })
            .connect(server.localAddress())
            .sync()
            .channel();
    opener = new Http2StreamChannelBootstrap(client).handler(new Taker(answers));
  }

  @Override
  public void open(int stream) {
    opener
        .open()
        .addListener(
            (Future<Http2StreamChannel> opened) -> {
              if (!opened.isSuccess()) {
                answers.failed(opened.cause());
                return;
              }
              streams[stream] = opened.getNow();
              streams[stream].write(new DefaultHttp2HeadersFrame(REQUEST));
              send(stream);
            });
  }

  @Override
  public void send(int stream) {
    streams[stream].writeAndFlush(new DefaultHttp2DataFrame(payload.duplicate()));
  }

  @Override
  public EventLoop clientLoop() {
    return clientLoops.next();
  }

  @Override
  public EventLoop serverLoop() {
    return serverLoops.next();
  }

  @Override
  public void disconnect() {
    client.close().syncUninterruptibly();
    Arrays.fill(streams, null);
  }

  @Override
  public void close() {
    server.close().syncUninterruptibly();
    clientLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    serverLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /** Sends back what a stream brings. */
  @ChannelHandler.Sharable
  private static final class Server extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
      if (frame instanceof Http2HeadersFrame) {
        ctx.write(new DefaultHttp2HeadersFrame(RESPONSE));
      } else if (frame instanceof Http2DataFrame data) {
        ctx.write(new DefaultHttp2DataFrame(data.content()));
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      ctx.flush();
    }
  }

  /** Tells of what comes back, of streams that end, and of failures. */
  @ChannelHandler.Sharable
  private static final class Taker extends ChannelInboundHandlerAdapter {
    private final Answers answers;

    Taker(Answers answers) {
      this.answers = answers;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
      if (frame instanceof Http2DataFrame data) {
        int bytes = data.content().readableBytes();
        data.release();
        answers.arrived(bytes);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      answers.failed(new IllegalStateException("a stream was closed"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      answers.failed(cause);
    }
  }
}

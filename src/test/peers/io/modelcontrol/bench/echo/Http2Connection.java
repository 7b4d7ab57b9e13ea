package io.modelcontrol.bench.echo;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.WeightedFairQueueByteDistributor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A server and one connection of Netty's HTTP/2 codec, with prior knowledge, large windows, and
 * without a channel for each stream, which would cost more.
 */
public final class Http2Connection {
  /** More than the benchmarks open. */
  private static final int STREAMS = 20_000;

  private static final int STREAM_WINDOW_BYTES = 8 << 20;
  private static final int WINDOW_BYTES = 64 << 20;
  private static final int FRAME_BYTES = 64 << 10;

  private final EventLoopGroup loops = Sockets.loops();
  private final Channel server;
  private final Channel client;

  /**
   * @param serverHandler for each connection
   */
  public Http2Connection(Supplier<ChannelHandler> serverHandler, ChannelHandler clientHandler)
      throws InterruptedException {
    server =
        new ServerBootstrap()
            .group(loops)
            .channel(Sockets.server())
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    Http2FrameCodec serverCodec =
                        Http2FrameCodecBuilder.forServer()
                            .initialSettings(settings().maxConcurrentStreams(STREAMS))
                            .build();
                    channel
                        .pipeline()
                        .addLast(
                            inLargePieces(serverCodec),
                            new Http2Windows(WINDOW_BYTES),
                            serverHandler.get());
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
            .handler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    Http2FrameCodec codec =
                        Http2FrameCodecBuilder.forClient()
                            .initialSettings(settings().pushEnabled(false))
                            .build();
                    channel
                        .pipeline()
                        .addLast(
                            inLargePieces(codec), new Http2Windows(WINDOW_BYTES), clientHandler);
                  }
                })
            .connect(server.localAddress())
            .sync()
            .channel();
    // Settings are exchanged before a request is sent.
    client.eventLoop().submit(() -> {}).sync();
  }

  /** Streams take turns of 1 KiB otherwise, which costs twice as much where bodies are large. */
  private static Http2FrameCodec inLargePieces(Http2FrameCodec codec) {
    var connection = codec.connection();
    var turns = new WeightedFairQueueByteDistributor(connection);
    turns.allocationQuantum(FRAME_BYTES);
    connection.remote().flowController(new DefaultHttp2RemoteFlowController(connection, turns));
    return codec;
  }

  private static Http2Settings settings() {
    return new Http2Settings().initialWindowSize(STREAM_WINDOW_BYTES).maxFrameSize(FRAME_BYTES);
  }

  public Channel client() {
    return client;
  }

  public void close() {
    client.close().syncUninterruptibly();
    server.close().syncUninterruptibly();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }
}

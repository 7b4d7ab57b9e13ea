package io.modelcontrol.bench.echo;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.quic.InsecureQuicTokenHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** A server and one connection of Netty's QUIC, with large windows. */
public final class QuicConnection {
  private static final String PROTOCOL = "bench";
  private static final long STREAM_WINDOW = 8 << 20;
  private static final long WINDOW = 64 << 20;
  private static final long STREAMS = 1L << 40;

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private final Channel server;
  private final Channel socket;
  private final QuicChannel client;

  /**
   * @param serverStreams handler of each stream that the client opens; sharable
   */
  public QuicConnection(ChannelHandler serverStreams) throws Exception {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    server =
        new Bootstrap()
            .group(loops)
            .channel(NioDatagramChannel.class)
            .handler(serverCodec(serverStreams))
            .bind(new InetSocketAddress(loopback, 0))
            .sync()
            .channel();
    socket =
        new Bootstrap()
            .group(loops)
            .channel(NioDatagramChannel.class)
            .handler(clientCodec())
            .bind(new InetSocketAddress(loopback, 0))
            .sync()
            .channel();
    client =
        QuicChannel.newBootstrap(socket)
            .streamHandler(new ChannelInboundHandlerAdapter())
            .remoteAddress(server.localAddress())
            .connect()
            .get(30, TimeUnit.SECONDS);
  }

  private static ChannelHandler serverCodec(ChannelHandler streams) throws Exception {
    X509Bundle certificate =
        new CertificateBuilder()
            .subject("CN=localhost")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    return large(new QuicServerCodecBuilder())
        .sslContext(
            QuicSslContextBuilder.forServer(certificate.toKeyManagerFactory(), null)
                .applicationProtocols(PROTOCOL)
                .build())
        .tokenHandler(InsecureQuicTokenHandler.INSTANCE)
        .streamHandler(streams)
        .build();
  }

  private static ChannelHandler clientCodec() {
    return large(new QuicClientCodecBuilder())
        .sslContext(
            QuicSslContextBuilder.forClient()
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .applicationProtocols(PROTOCOL)
                .build())
        .build();
  }

  private static <B extends QuicCodecBuilder<B>> B large(B builder) {
    return builder
        .maxIdleTimeout(60, TimeUnit.SECONDS)
        .initialMaxData(WINDOW)
        .initialMaxStreamDataBidirectionalLocal(STREAM_WINDOW)
        .initialMaxStreamDataBidirectionalRemote(STREAM_WINDOW)
        .initialMaxStreamsBidirectional(STREAMS);
  }

  public QuicChannel client() {
    return client;
  }

  public void close() {
    client.close().syncUninterruptibly();
    socket.close().syncUninterruptibly();
    server.close().syncUninterruptibly();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }
}

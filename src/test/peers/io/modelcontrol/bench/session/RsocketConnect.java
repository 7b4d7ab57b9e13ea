package io.modelcontrol.bench.session;

import io.modelcontrol.bench.echo.Echo;
import io.netty.buffer.ByteBuf;
import io.rsocket.RSocket;
import io.rsocket.SocketAcceptor;
import io.rsocket.core.RSocketConnector;
import io.rsocket.core.RSocketServer;
import io.rsocket.frame.decoder.PayloadDecoder;
import io.rsocket.transport.netty.client.TcpClientTransport;
import io.rsocket.transport.netty.server.CloseableChannel;
import io.rsocket.transport.netty.server.TcpServerTransport;
import io.rsocket.util.ByteBufPayload;
import java.util.Objects;
import reactor.core.publisher.Mono;
import reactor.netty.tcp.TcpClient;

/** A connection of its own for each request of RSocket. */
final class RsocketConnect implements Echo {
  private final ByteBuf payload;
  private final CloseableChannel server;
  private final Mono<RSocket> connection;

  RsocketConnect(int payloadBytes) {
    payload = Echo.payload(payloadBytes);
    server =
        Objects.requireNonNull(
            RSocketServer.create(SocketAcceptor.forRequestResponse(Mono::just))
                .payloadDecoder(PayloadDecoder.ZERO_COPY)
                .bind(TcpServerTransport.create("127.0.0.1", 0))
                .block());
    TcpClient client = TcpClient.newConnection().remoteAddress(server::address);
    connection =
        RSocketConnector.create()
            .payloadDecoder(PayloadDecoder.ZERO_COPY)
            .connect(TcpClientTransport.create(client));
  }

  @Override
  public void call(Caller caller) {
    connection.flatMap(this::ask).subscribe(caller::answered, caller::failed);
  }

  private Mono<Integer> ask(RSocket socket) {
    return socket
        .requestResponse(ByteBufPayload.create(payload.duplicate()))
        .map(
            answer -> {
              int bytes = answer.data().readableBytes();
              answer.release();
              socket.dispose();
              return bytes;
            });
  }

  @Override
  public void close() {
    server.dispose();
    server.onClose().block();
  }
}

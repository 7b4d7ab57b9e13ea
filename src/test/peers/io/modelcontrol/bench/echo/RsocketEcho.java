package io.modelcontrol.bench.echo;

import io.netty.buffer.ByteBuf;
import io.rsocket.Payload;
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

/** RSocket's request/response, its payloads not copied. */
final class RsocketEcho implements Echo {
  private final ByteBuf payload;
  private final CloseableChannel server;
  private final RSocket client;

  RsocketEcho(int requestBytes, int answerBytes) {
    payload = Echo.payload(requestBytes);
    ByteBuf answer = requestBytes == answerBytes ? null : Echo.payload(answerBytes);
    server =
        Objects.requireNonNull(
            RSocketServer.create(
                    SocketAcceptor.forRequestResponse(request -> answer(request, answer)))
                .payloadDecoder(PayloadDecoder.ZERO_COPY)
                .bind(TcpServerTransport.create("127.0.0.1", 0))
                .block());
    client =
        Objects.requireNonNull(
            RSocketConnector.create()
                .payloadDecoder(PayloadDecoder.ZERO_COPY)
                .connect(TcpClientTransport.create(server.address()))
                .block());
  }

  private static Mono<Payload> answer(Payload request, ByteBuf answerOrNull) {
    if (answerOrNull == null) {
      return Mono.just(request);
    }
    request.release();
    return Mono.just(ByteBufPayload.create(answerOrNull.duplicate()));
  }

  @Override
  public void call(Caller caller) {
    client
        .requestResponse(ByteBufPayload.create(payload.duplicate()))
        .subscribe(
            answer -> {
              int bytes = answer.data().readableBytes();
              answer.release();
              caller.answered(bytes);
            },
            caller::failed);
  }

  @Override
  public void close() {
    client.dispose();
    server.dispose();
    server.onClose().block();
  }
}

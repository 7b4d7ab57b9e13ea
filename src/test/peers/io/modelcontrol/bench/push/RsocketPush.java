package io.modelcontrol.bench.push;

import io.modelcontrol.bench.echo.Echo;
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
import io.rsocket.util.EmptyPayload;
import java.util.Objects;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;

/** RSocket's requestStream, its payloads not copied, as many asked for ahead as 8 MiB hold. */
final class RsocketPush implements Push {
  private static final int AHEAD_BYTES = 8 << 20;

  /** More of them ahead does not make small ones faster. */
  private static final int MAX_AHEAD = 8192;

  private final CloseableChannel server;
  private final RSocket client;

  RsocketPush(int size, Taken taken) {
    ByteBuf payload = Echo.payload(size);
    Flux<Payload> items =
        Flux.generate(sink -> sink.next(ByteBufPayload.create(payload.duplicate())));
    server =
        Objects.requireNonNull(
            RSocketServer.create(
                    SocketAcceptor.forRequestStream(
                        request -> {
                          request.release();
                          return items;
                        }))
                .payloadDecoder(PayloadDecoder.ZERO_COPY)
                .bind(TcpServerTransport.create("127.0.0.1", 0))
                .block());
    client =
        Objects.requireNonNull(
            RSocketConnector.create()
                .payloadDecoder(PayloadDecoder.ZERO_COPY)
                .connect(TcpClientTransport.create(server.address()))
                .block());
    client
        .requestStream(EmptyPayload.INSTANCE)
        .subscribe(new Taker(Math.min(MAX_AHEAD, AHEAD_BYTES / size), taken));
  }

  @Override
  public void close() {
    client.dispose();
    server.dispose();
    server.onClose().block();
  }

  /** Asks for more when half of what it has asked for has come. */
  private static final class Taker extends BaseSubscriber<Payload> {
    private final int ahead;
    private final Taken taken;
    private int came;

    Taker(int ahead, Taken taken) {
      this.ahead = ahead;
      this.taken = taken;
    }

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
      request(ahead);
    }

    @Override
    protected void hookOnNext(Payload item) {
      taken.item(item.sliceData().readableBytes());
      item.release();
      if (++came == ahead / 2) {
        request(came);
        came = 0;
      }
    }

    @Override
    protected void hookOnError(Throwable failure) {
      taken.failed(failure);
    }
  }
}

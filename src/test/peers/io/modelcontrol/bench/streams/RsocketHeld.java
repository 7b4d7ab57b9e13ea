package io.modelcontrol.bench.streams;

import io.modelcontrol.bench.echo.Echo;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.TcpClient;
import reactor.netty.tcp.TcpServer;

/** RSocket's requestChannel, fed by sinks with small queues; all streams share a subscriber. */
final class RsocketHeld implements Held {
  private final LoopResources serverLoops = LoopResources.create("server", 1, 1, true);
  private final LoopResources clientLoops = LoopResources.create("client", 1, 1, true);
  private final ByteBuf payload = Echo.payload(Answers.MESSAGE_BYTES);
  private final List<Sinks.Many<Payload>> sinks;
  private final Answers answers;
  private final Taker taker;
  private final CloseableChannel server;
  private RSocket client;

  RsocketHeld(int streams, Answers answers) {
    sinks = new ArrayList<>(Collections.nCopies(streams, null));
    this.answers = answers;
    taker = new Taker(answers);
    server =
        Objects.requireNonNull(
            RSocketServer.create(SocketAcceptor.forRequestChannel(Flux::from))
                .payloadDecoder(PayloadDecoder.ZERO_COPY)
                .bind(
                    TcpServerTransport.create(
                        TcpServer.create().runOn(serverLoops).host("127.0.0.1").port(0)))
                .block());
  }

  @Override
  public void connect() {
    client =
        Objects.requireNonNull(
            RSocketConnector.create()
                .payloadDecoder(PayloadDecoder.ZERO_COPY)
                .connect(
                    TcpClientTransport.create(
                        TcpClient.create().runOn(clientLoops).remoteAddress(server::address)))
                .block());
  }

  @Override
  public void open(int stream) {
    Sinks.Many<Payload> sink =
        Sinks.unsafe().many().unicast().onBackpressureBuffer(new ArrayDeque<>(2));
    sinks.set(stream, sink);
    send(stream);
    client.requestChannel(sink.asFlux()).subscribe(taker);
  }

  @Override
  public void send(int stream) {
    Sinks.EmitResult result =
        sinks.get(stream).tryEmitNext(ByteBufPayload.create(payload.duplicate()));
    if (result.isFailure()) {
      answers.failed(new IllegalStateException("not sent: " + result));
    }
  }

  @Override
  public EventLoop clientLoop() {
    return clientLoops.onClient(LoopResources.DEFAULT_NATIVE).next();
  }

  @Override
  public EventLoop serverLoop() {
    return serverLoops.onServer(LoopResources.DEFAULT_NATIVE).next();
  }

  @Override
  public void disconnect() {
    client.dispose();
    client.onClose().onErrorComplete().block();
    Collections.fill(sinks, null);
  }

  @Override
  public void close() {
    server.dispose();
    server.onClose().block();
    clientLoops.disposeLater().block();
    serverLoops.disposeLater().block();
  }

  /** Has no state: it asks each stream for all there will be. */
  private record Taker(Answers answers) implements CoreSubscriber<Payload> {
    @Override
    public void onSubscribe(Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(Payload answer) {
      int bytes = answer.sliceData().readableBytes();
      answer.release();
      answers.arrived(bytes);
    }

    @Override
    public void onError(Throwable failure) {
      answers.failed(failure);
    }

    @Override
    public void onComplete() {
      answers.failed(new IllegalStateException("a stream has ended"));
    }
  }
}

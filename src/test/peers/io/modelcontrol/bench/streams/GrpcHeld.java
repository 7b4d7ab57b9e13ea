package io.modelcontrol.bench.streams;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.modelcontrol.bench.push.GrpcBytes;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Bidirectional calls of grpc-java without its stubs; all calls of the client share a listener. */
final class GrpcHeld implements Held {
  private static final long WITHIN_SECONDS = 30;
  private static final String SERVICE = "bench.Held";
  private static final MethodDescriptor<InputStream, InputStream> METHOD =
      MethodDescriptor.<InputStream, InputStream>newBuilder()
          .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
          .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, "echo"))
          .setRequestMarshaller(new GrpcBytes())
          .setResponseMarshaller(new GrpcBytes())
          .build();

  private final EventLoopGroup serverLoops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final EventLoopGroup clientLoops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final byte[] payload = new byte[Answers.MESSAGE_BYTES];
  private final List<ClientCall<InputStream, InputStream>> calls;
  private final ClientCall.Listener<InputStream> taker;
  private final Server server;
  private ManagedChannel client;

  GrpcHeld(int streams, Answers answers) throws IOException {
    calls = new ArrayList<>(Collections.nCopies(streams, null));
    taker = new Taker(answers);
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .directExecutor()
            .bossEventLoopGroup(serverLoops)
            .workerEventLoopGroup(serverLoops)
            .channelType(NioServerSocketChannel.class)
            .maxConcurrentCallsPerConnection(streams)
            .addService(
                ServerServiceDefinition.builder(SERVICE).addMethod(METHOD, GrpcHeld::serve).build())
            .build()
            .start();
  }

  private static ServerCall.Listener<InputStream> serve(
      ServerCall<InputStream, InputStream> call, Metadata headers) {
    call.request(Integer.MAX_VALUE);
    call.sendHeaders(new Metadata());
    return new Echo(call);
  }

  @Override
  public void connect() throws Exception {
    client =
        NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
            .directExecutor()
            .eventLoopGroup(clientLoops)
            .channelType(NioSocketChannel.class)
            .usePlaintext()
            .build();
    CountDownLatch ready = new CountDownLatch(1);
    watch(ready);
    if (!ready.await(WITHIN_SECONDS, TimeUnit.SECONDS)) {
      throw new TimeoutException("no connection");
    }
  }

  private void watch(CountDownLatch ready) {
    ConnectivityState state = client.getState(true);
    if (state == ConnectivityState.READY) {
      ready.countDown();
    } else {
      client.notifyWhenStateChanged(state, () -> watch(ready));
    }
  }

  @Override
  public void open(int stream) {
    ClientCall<InputStream, InputStream> call = client.newCall(METHOD, CallOptions.DEFAULT);
    calls.set(stream, call);
    call.start(taker, new Metadata());
    call.request(Integer.MAX_VALUE);
    send(stream);
  }

  @Override
  public void send(int stream) {
    calls.get(stream).sendMessage(GrpcBytes.of(payload));
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
  public void disconnect() throws Exception {
    Collections.fill(calls, null);
    client.shutdownNow();
    if (!client.awaitTermination(WITHIN_SECONDS, TimeUnit.SECONDS)) {
      throw new TimeoutException("the calls do not end");
    }
  }

  @Override
  public void close() {
    server.shutdownNow();
    clientLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    serverLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /** Sends back what a call brings. */
  private static final class Echo extends ServerCall.Listener<InputStream> {
    private final ServerCall<InputStream, InputStream> call;

    Echo(ServerCall<InputStream, InputStream> call) {
      this.call = call;
    }

    @Override
    public void onMessage(InputStream message) {
      call.sendMessage(message);
    }
  }

  /** Tells of what comes back, and of calls that end. */
  private static final class Taker extends ClientCall.Listener<InputStream> {
    private final Answers answers;

    Taker(Answers answers) {
      this.answers = answers;
    }

    @Override
    public void onMessage(InputStream message) {
      answers.arrived(GrpcBytes.take(message));
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      answers.failed(status.asException());
    }
  }
}

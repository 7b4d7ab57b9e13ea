package io.modelcontrol.bench.echo;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2ChannelDuplexHandler;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.IdentityHashMap;

/**
 * Requests over streams of HTTP/2 that stay open, one for each request in flight: so many bytes of
 * DATA are a request, so many an answer.
 */
final class Http2HeldEcho implements Echo {
  private static final Http2Headers REQUEST =
      new DefaultHttp2Headers().method("POST").scheme("http").path("/").authority("bench");
  private static final Http2Headers ANSWER = new DefaultHttp2Headers().status("200");

  private final ByteBuf payload;
  private final Http2Connection connection;
  private final Client client;

  Http2HeldEcho(int requestBytes, int answerBytes) throws InterruptedException {
    payload = Echo.payload(requestBytes);
    client = new Client(answerBytes);
    connection = new Http2Connection(() -> new Server(requestBytes, answerBytes), client);
  }

  @Override
  public void execute(Runnable task) {
    connection.client().eventLoop().execute(task);
  }

  @Override
  public void call(Caller caller) {
    ChannelHandlerContext ctx = client.context;
    Lane lane = client.idle.poll();
    if (lane == null) {
      lane = new Lane(client.newStream());
      client.lanes.put(lane.stream, lane);
      ctx.write(new DefaultHttp2HeadersFrame(REQUEST, false).stream(lane.stream));
    }
    lane.caller = caller;
    ctx.write(new DefaultHttp2DataFrame(payload.duplicate(), false).stream(lane.stream));
    if (!client.reading) {
      ctx.flush();
    }
  }

  @Override
  public void close() {
    connection.close();
  }

  /** One stream, at one of its ends. */
  private static final class Lane {
    private final Http2FrameStream stream;
    private Caller caller;
    private int bytes;

    Lane(Http2FrameStream stream) {
      this.stream = stream;
    }
  }

  private static final class Client extends Http2ChannelDuplexHandler {
    private final IdentityHashMap<Http2FrameStream, Lane> lanes = new IdentityHashMap<>();
    private final ArrayDeque<Lane> idle = new ArrayDeque<>();
    private final int answerBytes;
    private ChannelHandlerContext context;
    private boolean reading;

    Client(int answerBytes) {
      this.answerBytes = answerBytes;
    }

    @Override
    protected void handlerAdded0(ChannelHandlerContext ctx) {
      context = ctx;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      reading = true;
      if (message instanceof Http2DataFrame data) {
        Lane lane = lanes.get(data.stream());
        lane.bytes += data.content().readableBytes();
        if (lane.bytes >= answerBytes) {
          int bytes = lane.bytes;
          lane.bytes = 0;
          idle.add(lane);
          lane.caller.answered(bytes);
        }
      }
      ReferenceCountUtil.release(message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      reading = false;
      ctx.flush();
    }
  }

  private static final class Server extends ChannelInboundHandlerAdapter {
    private final IdentityHashMap<Http2FrameStream, Lane> lanes = new IdentityHashMap<>();
    private final int requestBytes;
    private final ByteBuf answer;

    Server(int requestBytes, int answerBytes) {
      this.requestBytes = requestBytes;
      answer = Echo.payload(answerBytes);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (message instanceof Http2HeadersFrame headers) {
        lanes.put(headers.stream(), new Lane(headers.stream()));
        ctx.write(new DefaultHttp2HeadersFrame(ANSWER, false).stream(headers.stream()));
      } else if (message instanceof Http2DataFrame data) {
        Lane lane = lanes.get(data.stream());
        lane.bytes += data.content().readableBytes();
        if (lane.bytes >= requestBytes) {
          lane.bytes -= requestBytes;
          ctx.write(new DefaultHttp2DataFrame(answer.duplicate(), false).stream(lane.stream));
        }
      }
      ReferenceCountUtil.release(message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      ctx.flush();
    }
  }
}

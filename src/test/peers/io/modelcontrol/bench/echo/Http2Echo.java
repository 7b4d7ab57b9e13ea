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
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.IdentityHashMap;

/** POST requests over HTTP/2, each on a stream of its own. */
final class Http2Echo implements Echo {
  private static final Http2Headers REQUEST =
      new DefaultHttp2Headers().method("POST").scheme("http").path("/").authority("bench");
  private static final Http2Headers ANSWER = new DefaultHttp2Headers().status("200");

  private final ByteBuf payload;
  private final Http2Connection connection;
  private final Client client = new Client();

  Http2Echo(int requestBytes, int answerBytes) throws InterruptedException {
    payload = Echo.payload(requestBytes);
    connection = new Http2Connection(() -> new Server(answerBytes), client);
  }

  @Override
  public void execute(Runnable task) {
    connection.client().eventLoop().execute(task);
  }

  @Override
  public void call(Caller caller) {
    Http2FrameStream stream = client.newStream();
    ChannelHandlerContext ctx = client.context;
    client.calls.put(stream, new Call(caller));
    ctx.write(new DefaultHttp2HeadersFrame(REQUEST, false).stream(stream), ctx.voidPromise());
    ctx.write(new DefaultHttp2DataFrame(payload.duplicate(), true).stream(stream));
    if (!client.reading) {
      ctx.flush();
    }
  }

  @Override
  public void close() {
    connection.close();
  }

  private static final class Call {
    private final Caller caller;
    private int bytes;

    Call(Caller caller) {
      this.caller = caller;
    }
  }

  private static final class Client extends Http2ChannelDuplexHandler {
    private final IdentityHashMap<Http2FrameStream, Call> calls = new IdentityHashMap<>();
    private ChannelHandlerContext context;
    private boolean reading;

    @Override
    protected void handlerAdded0(ChannelHandlerContext ctx) {
      context = ctx;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      reading = true;
      if (message instanceof Http2DataFrame data) {
        Call call = calls.get(data.stream());
        call.bytes += data.content().readableBytes();
        data.release();
        if (data.isEndStream()) {
          calls.remove(data.stream());
          call.caller.answered(call.bytes);
        }
      } else if (message instanceof Http2ResetFrame reset) {
        calls.remove(reset.stream()).caller.failed(new IllegalStateException(reset.toString()));
      } else {
        ReferenceCountUtil.release(message);
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      reading = false;
      ctx.flush();
    }
  }

  private static final class Server extends ChannelInboundHandlerAdapter {
    private final ByteBuf answer;

    Server(int answerBytes) {
      answer = Echo.payload(answerBytes);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ReferenceCountUtil.release(message);
      if (message instanceof Http2DataFrame data && data.isEndStream()) {
        ctx.write(
            new DefaultHttp2HeadersFrame(ANSWER, false).stream(data.stream()), ctx.voidPromise());
        ctx.write(new DefaultHttp2DataFrame(answer.duplicate(), true).stream(data.stream()));
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      ctx.flush();
    }
  }
}

package io.modelcontrol.bench.session;

import io.modelcontrol.server.McpServer;
import io.modelcontrol.session.SessionConfig;
import io.modelcontrol.wire.FrameEncoder;
import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameType;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageEncoder;
import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.Negotiation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.vertx.core.Vertx;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;

/** Sessions of this project, as its server has them by default. */
final class McpIdle implements IdleServer {
  private final Vertx vertx = Vertx.vertx();
  private final Semaphore ready = new Semaphore(0);
  private final McpServer server;

  McpIdle() throws TimeoutException {
    server = Mcp.serve(vertx, started -> started.sessionHandler(session -> ready.release()));
  }

  @Override
  public int port() {
    return server.actualPort();
  }

  @Override
  public byte[] hello() {
    Negotiation offer =
        new Negotiation(
            SessionConfig.VERSION,
            SessionConfig.VERSION,
            Map.of(),
            Map.of(),
            SessionConfig.DEFAULT_LIMITS,
            "idle");
    ByteBuf bytes = Unpooled.buffer();
    append(bytes, Message.of(MessageType.NEGOTIATE_REQ).negotiation(offer));
    append(bytes, Message.of(MessageType.AUTH_REQ).authMethod("none"));
    return ByteBufUtil.getBytes(bytes);
  }

  private static void append(ByteBuf out, Message message) {
    ByteBuf payload = MessageEncoder.encode(message, UnpooledByteBufAllocator.DEFAULT);
    new FrameEncoder().join(out, FrameType.DATA.code(), FrameHeader.END_MESSAGE, 0, payload);
    payload.release();
  }

  @Override
  public Semaphore ready() {
    return ready;
  }

  @Override
  public void close() throws TimeoutException {
    Mcp.await(server.close());
    Mcp.await(vertx.close());
  }
}

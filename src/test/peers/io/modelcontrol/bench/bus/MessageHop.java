package io.modelcontrol.bench.bus;

import io.modelcontrol.bench.echo.Echo;
import io.modelcontrol.runtime.MessageBus;
import io.modelcontrol.wire.Message;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeoutException;

/** A message of this project, there and back; between two nodes it is encoded. */
final class MessageHop extends Hop {
  private static final String ADDRESS = "bench.message";
  private static final int TYPE = 0x80;

  private final MessageBus bus;
  private final ByteBuf payload;

  /**
   * @param serving the node that answers, which may be the calling one
   */
  MessageHop(Vertx calling, Vertx serving, int payloadBytes) throws TimeoutException {
    super(calling);
    bus = new MessageBus(calling);
    payload = Echo.payload(payloadBytes);
    MessageBus there = new MessageBus(serving);
    consume(serving, there.eventBus(), ADDRESS, MessageHop::echo);
  }

  private static void echo(io.vertx.core.eventbus.Message<Message> call) {
    call.reply(call.body(), MessageBus.delivery());
  }

  @Override
  public void call(Caller asker) {
    bus.request(
            ADDRESS,
            Message.ofApplication(TYPE).content(payload.duplicate()),
            MessageBus.delivery())
        .onComplete(
            answer -> {
              check(answer.body().content().readableBytes() == payload.readableBytes());
              answer.body().release();
              asker.answered(0);
            },
            asker::failed);
  }
}

package io.modelcontrol.bench.bus;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import java.util.concurrent.TimeoutException;

/** A buffer by the event bus's own codec, which copies it each way. */
final class BufferHop extends Hop {
  private static final String ADDRESS = "bench.buffer";

  private final EventBus bus;
  private final Buffer payload;

  BufferHop(Vertx calling, Vertx serving, int payloadBytes) throws TimeoutException {
    super(calling);
    bus = calling.eventBus();
    payload = Buffer.buffer(new byte[payloadBytes]);
    consume(serving, serving.eventBus(), ADDRESS, BufferHop::echo);
  }

  private static void echo(Message<Buffer> call) {
    call.reply(call.body());
  }

  @Override
  public void call(Caller asker) {
    bus.<Buffer>request(ADDRESS, payload)
        .onComplete(
            answer -> {
              check(answer.body().length() == payload.length());
              asker.answered(0);
            },
            asker::failed);
  }
}

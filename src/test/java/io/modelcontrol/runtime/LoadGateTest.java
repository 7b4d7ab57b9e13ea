package io.modelcontrol.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoadGateTest {
  private static final int MORE_THAN_MAY_WAIT = 2_000;

  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();

  @AfterEach
  void close() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  @Test
  void beginsSoManyLoadsAtATimeInTheirOrder() throws Exception {
    LoadGate gate = new LoadGate(vertx, 2);
    List<Integer> begun = new ArrayList<>();
    List<Promise<Void>> loads = new ArrayList<>();
    onContext(
        () -> {
          for (int i = 0; i < 4; i++) {
            int number = i;
            Promise<Void> load = Promise.promise();
            loads.add(load);
            gate.pass(
                () -> {
                  begun.add(number);
                  return load.future();
                });
          }
          assertThat(begun).containsExactly(0, 1);
          assertThat(gate.isAlone()).isFalse();
          loads.get(1).complete();
          assertThat(begun).containsExactly(0, 1, 2);
          loads.get(0).fail("this one failed");
          assertThat(begun).containsExactly(0, 1, 2, 3);
          loads.get(2).complete();
          assertThat(gate.isAlone()).isTrue();
          return null;
        });
  }

  @Test
  void aLoadThatThrowsGivesItsPlaceUp() throws Exception {
    LoadGate gate = new LoadGate(vertx, 1);
    onContext(
        () -> {
          Future<Void> failed =
              gate.pass(
                  () -> {
                    throw McpException.streamError(ErrorCode.MODEL_REJECTED, "no");
                  });
          assertThat(McpException.of(failed.cause()).code()).isEqualTo(ErrorCode.MODEL_REJECTED);
          assertThat(gate.pass(() -> Future.succeededFuture("next")).result()).isEqualTo("next");
          return null;
        });
  }

  @Test
  void worksOnThreadsOfItsOwnWithTheLowestPriority() throws Exception {
    LoadGate gate = new LoadGate(vertx, 1);
    Thread thread = gate.work(Thread::currentThread).await(10, TimeUnit.SECONDS);
    assertThat(thread.getName()).contains(LoadGate.POOL);
    assertThat(thread.getPriority()).isEqualTo(Thread.MIN_PRIORITY);
  }

  @Test
  void refusesWhenTooManyWait() throws Exception {
    LoadGate gate = new LoadGate(vertx, 1);
    onContext(
        () -> {
          Promise<Void> never = Promise.promise();
          Future<Void> last = null;
          for (int i = 0; i < MORE_THAN_MAY_WAIT; i++) {
            last = gate.pass(never::future);
          }
          assertThat(McpException.of(last.cause()).code()).isEqualTo(ErrorCode.OVERLOADED);
          return null;
        });
  }

  private void onContext(Callable<Void> test) throws Exception {
    Promise<Void> done = Promise.promise();
    context.runOnContext(
        v -> {
          try {
            done.complete(test.call());
          } catch (Exception | AssertionError failure) {
            done.fail(failure);
          }
        });
    done.future().await(10, TimeUnit.SECONDS);
  }
}

package io.modelcontrol.client.impl;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.junit5.VertxExtension;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whose time is up, and in which order. */
@ExtendWith(VertxExtension.class)
class DeadlinesTest {
  private final List<String> up = new ArrayList<>();
  private ContextInternal context;
  private Deadlines deadlines;

  @BeforeEach
  void create(Vertx vertx) {
    context = (ContextInternal) vertx.getOrCreateContext();
    deadlines = new Deadlines(context);
  }

  @Test
  void timesEndInTheirOrder() throws Exception {
    run(
        () -> {
          deadlines.set(new Named("long"), 60);
          deadlines.set(new Named("first"), 20);
          deadlines.set(new Named("second"), 20);
          return end(100);
        });
    assertThat(up).containsExactly("first", "second", "long", "end");
  }

  @Test
  void whatWasClearedIsNotUp() throws Exception {
    run(
        () -> {
          List<Named> all = List.of(new Named("a"), new Named("b"), new Named("c"));
          all.forEach(each -> deadlines.set(each, 20));
          deadlines.clear(all.get(1));
          deadlines.clear(all.get(1));
          return end(60);
        });
    assertThat(up).containsExactly("a", "c", "end");
  }

  @Test
  void aTimeThatIsSetAnewEndsOnce() throws Exception {
    run(
        () -> {
          Named again = new Named("again");
          deadlines.set(again, 20);
          deadlines.set(new Named("other"), 20);
          deadlines.set(again, 40);
          return end(90);
        });
    assertThat(up).containsExactly("other", "again", "end");
  }

  @Test
  void aQueueThatRanEmptyIsUsedAgain() throws Exception {
    run(
        () -> {
          deadlines.set(new Named("before"), 10);
          return end(30);
        });
    run(
        () -> {
          deadlines.set(new Named("after"), 10);
          return end(30);
        });
    assertThat(up).containsExactly("before", "end", "after", "end");
  }

  /** Behind everything that ends in so many milliseconds: by the same clock and timers. */
  private Future<Void> end(long ms) {
    Promise<Void> end = context.promise();
    deadlines.set(
        new Deadlines.Timed() {
          @Override
          void onTimeUp() {
            up.add("end");
            end.complete();
          }
        },
        ms);
    return end.future();
  }

  private void run(Supplier<Future<Void>> action) throws Exception {
    Promise<Void> done = Promise.promise();
    context.runOnContext(v -> action.get().onComplete(done));
    done.future().await(20, TimeUnit.SECONDS);
  }

  private final class Named extends Deadlines.Timed {
    private final String name;

    Named(String name) {
      this.name = name;
    }

    @Override
    void onTimeUp() {
      up.add(name);
    }
  }
}

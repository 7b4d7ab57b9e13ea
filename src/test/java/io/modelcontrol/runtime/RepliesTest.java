package io.modelcontrol.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When an event loop is woken for answers. */
class RepliesTest {
  private final List<String> log = new ArrayList<>();
  private final RecordingLoop loop = new RecordingLoop("");
  private final RecordingLoop other = new RecordingLoop("other ");
  private long nanos = 5;
  private final Replies replies = new Replies(() -> nanos);

  @AfterEach
  void end() {
    loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    other.shutdownGracefully(0, 0, TimeUnit.SECONDS);
  }

  @Test
  void answersOfShortTurnsWaitForEachOther() {
    turn(10, loop);
    turn(10, loop);
    assertThat(log).containsExactly("later", "later");
    replies.flush();
    assertThat(log).containsExactly("later", "later", "woken");
  }

  @Test
  void noAnswerWaitsForATurnThatIsLong() {
    turn(150, loop);
    assertThat(log).containsExactly("later", "woken");
  }

  @Test
  void answersDoNotWaitLongForManyShortTurns() {
    for (int i = 0; i < 20; i++) {
      turn(10, loop);
    }
    assertThat(log).hasSize(21).endsWith("woken");
  }

  @Test
  void whatWaitsForOneEventLoopGoesBeforeTheNextOne() {
    turn(10, loop);
    turn(10, other);
    assertThat(log).containsExactly("later", "woken", "other later");
  }

  @Test
  void nothingIsWokenWithoutAnAnswer() {
    replies.beginTurn();
    nanos += TimeUnit.MILLISECONDS.toNanos(1);
    replies.endTurn();
    replies.flush();
    assertThat(log).isEmpty();
  }

  private void turn(long micros, RecordingLoop caller) {
    replies.beginTurn();
    nanos += TimeUnit.MICROSECONDS.toNanos(micros);
    replies.send(caller, () -> {});
    replies.endTurn();
  }

  private final class RecordingLoop extends DefaultEventLoop {
    private final String name;

    RecordingLoop(String name) {
      this.name = name;
    }

    @Override
    public void execute(Runnable task) {
      log.add(name + "woken");
    }

    @Override
    public void lazyExecute(Runnable task) {
      log.add(name + "later");
    }
  }
}

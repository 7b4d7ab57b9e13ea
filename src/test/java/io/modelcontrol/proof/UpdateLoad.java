package io.modelcontrol.proof;

import static io.modelcontrol.testing.TestNode.await;

import io.modelcontrol.Tensor;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpSequence;
import io.modelcontrol.client.SequenceRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Single requests at a constant rate, and sequences that are opened, stepped and ended, while a
 * model changes its versions. Any failure fails it.
 */
final class UpdateLoad {
  private static final long REQUEST_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
  private static final long STEP_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final int STREAMS = 8;
  private static final int MAX_STEPS = 60;

  private final McpClient client;
  private final String model;
  private final Random random;
  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong odd = new AtomicLong();
  private final AtomicLong streams = new AtomicLong();
  private final AtomicLong steps = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();
  private volatile List<Long> measured = unmeasured();
  private volatile boolean stopped;
  private volatile Throwable failure;

  UpdateLoad(McpClient client, String model, long seed) {
    this.client = client;
    this.model = model;
    random = new Random(seed);
  }

  /** Where times go that nobody looks at. */
  List<Long> unmeasured() {
    return Collections.synchronizedList(new ArrayList<>());
  }

  /** The times of single requests go here from now on. */
  void measure(List<Long> nanos) {
    measured = Collections.synchronizedList(nanos);
  }

  void start() {
    run("requests", this::requests);
    for (int i = 0; i < STREAMS; i++) {
      Random own = new Random(random.nextLong());
      run("stream-" + i, () -> streams(own));
    }
  }

  private interface Work {
    void run() throws Exception;
  }

  private void run(String name, Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (Exception | AssertionError e) {
                failure = e;
              }
            },
            name);
    threads.add(thread);
    thread.start();
  }

  void stop() throws InterruptedException {
    stopped = true;
    for (Thread thread : threads) {
      thread.join();
    }
    if (failure != null) {
      throw new AssertionError("a request or a stream failed", failure);
    }
    if (odd.get() == 0 || odd.get() == requests.get()) {
      throw new AssertionError("the versions never changed");
    }
  }

  /** Open loop: each at its time, however long the ones before take. */
  private void requests() {
    Tensor[] inputs = TwoVersions.single();
    AtomicLong pending = new AtomicLong();
    long next = System.nanoTime();
    while (!stopped && failure == null) {
      next += REQUEST_EVERY_NANOS;
      LockSupport.parkNanos(next - System.nanoTime());
      request(inputs, next, pending);
    }
    Waiting.until(() -> pending.get() == 0, "the last answers");
  }

  /** The time counts from when the request was due, not from when it got away. */
  private void request(Tensor[] inputs, long due, AtomicLong pending) {
    List<Long> times = measured;
    pending.incrementAndGet();
    client
        .infer(model, inputs)
        .onComplete(
            result -> {
              times.add(System.nanoTime() - due);
              requests.incrementAndGet();
              odd.addAndGet(TwoVersions.isOdd(result.tensor("output")) ? 1 : 0);
              pending.decrementAndGet();
            },
            error -> {
              failure = error;
              pending.decrementAndGet();
            });
  }

  private void streams(Random own) throws Exception {
    Tensor[] inputs = TwoVersions.step();
    while (!stopped && failure == null) {
      McpSequence sequence = await(client.sequence(SequenceRequest.of(model)));
      boolean first = TwoVersions.isOdd(await(sequence.step(inputs)).tensor("output"));
      for (int left = own.nextInt(MAX_STEPS); left > 0; left--) {
        LockSupport.parkNanos(STEP_EVERY_NANOS);
        steps.incrementAndGet();
        if (TwoVersions.isOdd(await(sequence.step(inputs)).tensor("output")) != first) {
          throw new AssertionError("a stream saw two versions");
        }
      }
      await(sequence.end());
      streams.incrementAndGet();
    }
  }

  String figures() {
    return requests
        + " requests ("
        + odd
        + " answered by odd versions) and "
        + steps
        + " steps of "
        + streams
        + " streams, 0 failed, 0 mixed";
  }
}

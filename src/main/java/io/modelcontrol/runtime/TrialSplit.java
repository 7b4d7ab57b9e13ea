package io.modelcontrol.runtime;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.wire.Message;
import io.netty.channel.EventLoop;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Lets a new version show what it does, beside the active one. In a canary it answers its share of
 * the requests; where it fails, the active version answers instead, so that no caller is worse off
 * for the trial. In shadow the active version answers all, and the new one runs on copies
 * afterwards. Requests come on any thread.
 */
final class TrialSplit implements ModelRouter.Split {
  /** Runs for the comparison alone that may be under way; more are left out. */
  private static final int MAX_COMPARING = 64;

  private static final int HUNDRED = 100;

  private final ServedModel candidate;
  private final UpdatePolicy policy;
  private final Trial trial;
  private final Agreement agreement;
  private final LongSupplier nanoClock;
  private final String comparisons = "compare-" + UUID.randomUUID() + "-";
  private final AtomicLong requests = new AtomicLong();
  private final AtomicInteger comparing = new AtomicInteger();

  TrialSplit(ServedModel candidate, UpdatePolicy policy, Trial trial, LongSupplier nanoClock) {
    this.candidate = candidate;
    this.policy = policy;
    this.trial = trial;
    this.nanoClock = nanoClock;
    agreement = new Agreement(policy.tolerance());
  }

  @Override
  public ServedModel candidate() {
    return candidate;
  }

  @Override
  public int sharePercent() {
    return policy.kind() == UpdatePolicy.Kind.CANARY ? policy.sharePercent() : 0;
  }

  @Override
  public boolean take(
      ServedModel active,
      io.vertx.core.eventbus.Message<Message> call,
      EventLoop callerOrNull,
      Consumer<Message> reply) {
    if (policy.kind() == UpdatePolicy.Kind.SHADOW) {
      return chooses(call)
          ? shadowed(active, call, callerOrNull, reply)
          : active.take(call, callerOrNull, reply);
    }
    if (chooses(call) && canary(active, call, callerOrNull, reply)) {
      return true;
    }
    long start = nanoClock.getAsLong();
    return active.take(
        call,
        callerOrNull,
        answer -> {
          if (!answer.status().isError()) {
            trial.activeAnswered(nanoClock.getAsLong() - start);
          }
          reply.accept(answer);
        });
  }

  @Override
  public ServedModel forStream(ServedModel active, io.vertx.core.eventbus.Message<Message> call) {
    return policy.kind() == UpdatePolicy.Kind.CANARY && chooses(call) ? candidate : active;
  }

  private boolean chooses(io.vertx.core.eventbus.Message<Message> call) {
    String identity = call.headers().get(MessageBus.IDENTITY);
    if (identity != null && policy.identities().contains(identity)) {
      return true;
    }
    long number = requests.incrementAndGet();
    long share = policy.sharePercent();
    // Evenly spread: of any hundred in a row exactly the share.
    return number * share / HUNDRED != (number - 1) * share / HUNDRED;
  }

  private boolean canary(
      ServedModel active,
      io.vertx.core.eventbus.Message<Message> call,
      EventLoop callerOrNull,
      Consumer<Message> reply) {
    Message request = call.body().retain();
    long start = nanoClock.getAsLong();
    boolean taken =
        candidate.take(
            call,
            callerOrNull,
            answer -> {
              long nanos = nanoClock.getAsLong() - start;
              if (!answer.status().isError()) {
                trial.newAnswered(nanos);
                compare(active, request, answer, trial::compared);
                reply.accept(answer);
              } else if (isTheCallers(answer.status())) {
                request.release();
                reply.accept(answer);
              } else {
                fallBack(active, call, callerOrNull, reply, answer, nanos);
              }
            });
    if (!taken) {
      request.release();
    }
    return taken;
  }

  /** The caller gave up, or there is no time left for another run. */
  private static boolean isTheCallers(ErrorCode code) {
    return code == ErrorCode.REQUEST_CANCELED || code == ErrorCode.DEADLINE_EXCEEDED;
  }

  /** The active version answers; if it does, the failure was the new version's. */
  private void fallBack(
      ServedModel active,
      io.vertx.core.eventbus.Message<Message> call,
      EventLoop callerOrNull,
      Consumer<Message> reply,
      Message error,
      long usedNanos) {
    Message request = call.body();
    if (request.timeoutMs() > 0) {
      long leftMs = request.timeoutMs() - TimeUnit.NANOSECONDS.toMillis(usedNanos);
      request.timeoutMs(Math.max(1, leftMs));
    }
    String failure = error.status().name();
    boolean taken =
        active.take(
            call,
            callerOrNull,
            answer -> {
              if (!answer.status().isError()) {
                trial.newFailed(failure);
              }
              reply.accept(answer);
            });
    if (!taken) {
      request.release();
      reply.accept(error);
    }
  }

  private boolean shadowed(
      ServedModel active,
      io.vertx.core.eventbus.Message<Message> call,
      EventLoop callerOrNull,
      Consumer<Message> reply) {
    Message request = call.body().retain();
    long start = nanoClock.getAsLong();
    boolean taken =
        active.take(
            call,
            callerOrNull,
            answer -> {
              if (answer.status().isError()) {
                request.release();
              } else {
                trial.activeAnswered(nanoClock.getAsLong() - start);
                copy(request, answer);
              }
              reply.accept(answer);
            });
    if (!taken) {
      request.release();
    }
    return taken;
  }

  private void copy(Message request, Message answer) {
    long start = nanoClock.getAsLong();
    run(
        candidate,
        request,
        answer,
        other -> {
          if (other.status().isError()) {
            trial.newFailed(other.status().name());
          } else {
            trial.newAnswered(nanoClock.getAsLong() - start);
            trial.compared(agreement.agree(answer, other));
          }
        });
  }

  /** Has the active version run the request too, where the policy asks for that. */
  private void compare(
      ServedModel active, Message request, Message answer, Consumer<Boolean> result) {
    if (!policy.compares()) {
      request.release();
      return;
    }
    run(
        active,
        request,
        answer,
        other -> {
          if (!other.status().isError()) {
            result.accept(agreement.agree(other, answer));
          }
        });
  }

  /** Runs a request for the comparison alone; takes it over, and keeps the answer until then. */
  private void run(
      ServedModel version, Message request, Message answer, Consumer<Message> comparison) {
    if (comparing.incrementAndGet() > MAX_COMPARING) {
      comparing.decrementAndGet();
      request.release();
      return;
    }
    answer.retain();
    boolean taken =
        version.take(
            comparisons + requests.incrementAndGet(),
            request,
            null,
            other -> {
              comparison.accept(other);
              other.release();
              answer.release();
              comparing.decrementAndGet();
            });
    if (!taken) {
      comparing.decrementAndGet();
      request.release();
      answer.release();
    }
  }
}

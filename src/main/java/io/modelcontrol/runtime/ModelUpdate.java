package io.modelcontrol.runtime;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.ModelState;
import io.modelcontrol.model.ModelManifest;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.UploadParameters;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One update of a model: a new version is warmed up, tried beside the active one, and then becomes
 * active itself or goes again. Until the very switch the active version serves as if nothing were.
 * Lives on the host's context.
 */
final class ModelUpdate {
  private static final Logger LOG = LoggerFactory.getLogger(ModelUpdate.class);

  /** The verdict of a trial is looked for this often. */
  private static final long CHECK_MS = 20;

  /** Whoever waits for news hears at least this often. */
  private static final long NEWS_MS = 1_000;

  private static final long NO_TIMER = -1;

  /** What an update needs of its host. */
  interface Steps {
    /** Has the version answer latest requests; failed if it alone fails on one of them. */
    Future<Void> warmUp(ServedModel candidate, ModelRouter router);

    /** Makes the version active, keeps that over restarts, and lets the one before go. */
    Future<ModelDescriptor> activate(ServedModel candidate);

    /** Has the version answer requests that name it, as a canary or a shadow. */
    Future<Void> tryOut(ServedModel candidate, ModelState as);

    /** Lets a version go that is not active. */
    void remove(ServedModel candidate);
  }

  private final ContextInternal context;
  private final ServedModel candidate;
  private final ModelRouter router;
  private final UpdatePolicy policy;
  private final Steps steps;
  private final LongSupplier nanoClock;
  private final Promise<Message> outcome = Promise.promise();
  private final List<Promise<Void>> waitingForNews = new ArrayList<>();
  private Trial trial;
  private long timer = NO_TIMER;

  /**
   * An update.
   *
   * @param candidate loaded, and known to nobody
   * @param router of the model, which has an active version
   */
  ModelUpdate(
      Vertx vertx,
      ServedModel candidate,
      ModelRouter router,
      UpdatePolicy policy,
      Steps steps,
      LongSupplier nanoClock) {
    this.context = (ContextInternal) vertx.getOrCreateContext();
    this.candidate = candidate;
    this.router = router;
    this.policy = policy;
    this.steps = steps;
    this.nanoClock = nanoClock;
    trial = new Trial(policy, nanoClock.getAsLong());
  }

  /** Warms up; then tries, or activates. */
  void start() {
    candidate.become(ModelState.WARMING);
    steps
        .warmUp(candidate, router)
        .compose(v -> policy.kind() == UpdatePolicy.Kind.ALL ? activate() : tryOut())
        .onFailure(failure -> rollBack(McpException.of(failure).getMessage()));
  }

  /** Whether it is to this version with this content. */
  boolean isTo(ModelManifest.Entry entry) {
    return candidate.id().equals(entry.id()) && candidate.entry().digest().equals(entry.digest());
  }

  /** The last STATUS; not failed. */
  Future<Message> outcome() {
    return outcome.future();
  }

  /** A STATUS with the state of things: as soon as there is news, or after a while. */
  Future<Message> news() {
    if (outcome.future().isComplete()) {
      return outcome.future();
    }
    Promise<Void> news = context.promise();
    waitingForNews.add(news);
    long late = context.owner().setTimer(NEWS_MS, id -> news.tryComplete());
    return news.future()
        .map(
            v -> {
              context.owner().cancelTimer(late);
              waitingForNews.remove(news);
              return outcome.future().isComplete() ? outcome.future().result() : progress();
            });
  }

  /** CONTINUE, with the new version's state and the figures of its trial. */
  Message progress() {
    Message progress =
        Message.of(MessageType.STATUS)
            .status(ErrorCode.CONTINUE)
            .parameter(UploadParameters.PHASE, candidate.state().name());
    return reported(progress);
  }

  private Message reported(Message status) {
    if (policy.kind() != UpdatePolicy.Kind.ALL) {
      trial.report().forEach(status::parameter);
    }
    return status;
  }

  /** Ends a trial well, whatever is known so far; false if there is no trial under way. */
  boolean promote() {
    if (timer == NO_TIMER) {
      return false;
    }
    endTrial();
    activate().onFailure(failure -> rollBack(McpException.of(failure).getMessage()));
    return true;
  }

  /** Ends a trial; false if there is none under way. */
  boolean takeBack() {
    if (timer == NO_TIMER) {
      return false;
    }
    endTrial();
    rollBack("somebody asked for it");
    return true;
  }

  private Future<Void> tryOut() {
    boolean shadow = policy.kind() == UpdatePolicy.Kind.SHADOW;
    return steps
        .tryOut(candidate, shadow ? ModelState.SHADOW : ModelState.CANARY)
        .onSuccess(
            v -> {
              trial = new Trial(policy, nanoClock.getAsLong());
              router.split(new TrialSplit(candidate, policy, trial, nanoClock));
              timer = context.owner().setPeriodic(CHECK_MS, id -> judge());
              tellNews();
            });
  }

  private void judge() {
    long now = nanoClock.getAsLong();
    switch (trial.verdict(now)) {
      case UNDECIDED -> {}
      case PASSED -> {
        if (policy.promotesItself()) {
          promote();
        }
      }
      case FAILED -> {
        String reason = trial.reason(now);
        endTrial();
        rollBack(reason);
      }
    }
  }

  private void endTrial() {
    context.owner().cancelTimer(timer);
    timer = NO_TIMER;
    router.unsplit();
  }

  private Future<Void> activate() {
    return steps
        .activate(candidate)
        .map(
            descriptor -> {
              LOG.info("Model {} is active", candidate.id());
              end(Message.of(MessageType.STATUS).status(ErrorCode.OK).descriptor(descriptor));
              return null;
            });
  }

  private void rollBack(String why) {
    LOG.warn("Model {} was rolled back: {}", candidate.id(), why);
    candidate.become(ModelState.FAILED);
    steps.remove(candidate);
    end(
        Message.error(
            McpException.streamError(
                ErrorCode.UPDATE_ROLLED_BACK, candidate.id() + " was rolled back: " + why)));
  }

  private void end(Message last) {
    outcome.complete(reported(last));
    tellNews();
  }

  private void tellNews() {
    List.copyOf(waitingForNews).forEach(Promise::tryComplete);
  }
}

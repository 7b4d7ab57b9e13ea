package io.modelcontrol.runtime.conformance;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.runtime.LoadedModel;
import java.util.List;

/** Runs that are ended early. A model is closed only if its runs have ended. */
final class CancelCases {
  /** Milliseconds after which a run that was started is surely inside the runtime. */
  private static final long SETTLE_MS = 200;

  private CancelCases() {}

  static List<RuntimeCase> all() {
    return List.of(
        new RuntimeCase(
            "cancel/canceled",
            "ends a run that is canceled, with REQUEST_CANCELED",
            bench -> ends(bench, ErrorCode.REQUEST_CANCELED)),
        new RuntimeCase(
            "cancel/deadline",
            "ends a run whose deadline passes, with DEADLINE_EXCEEDED",
            bench -> ends(bench, ErrorCode.DEADLINE_EXCEEDED)),
        new RuntimeCase(
            "cancel/before",
            "does not begin a run that was canceled before",
            CancelCases::doesNotBegin),
        new RuntimeCase(
            "cancel/next",
            "lets the runs after and beside a canceled one go on",
            CancelCases::othersGoOn));
  }

  private static void ends(Bench bench, ErrorCode why) throws Exception {
    ConformanceModel endless = endless(bench);
    LoadedModel model = bench.load(endless);
    Running run = Running.start(model, Samples.zeros(endless));
    try {
      run.expectGoesOn(SETTLE_MS);
      run.end(why);
      run.expectEnds(why, bench.cancelMs());
    } finally {
      closeAfter(model, run);
    }
  }

  private static void doesNotBegin(Bench bench) throws Exception {
    ConformanceModel endless = endless(bench);
    LoadedModel model = bench.load(endless);
    Running run = Running.startEnded(model, Samples.zeros(endless), ErrorCode.REQUEST_CANCELED);
    try {
      run.expectEnds(ErrorCode.REQUEST_CANCELED, bench.cancelMs());
    } finally {
      closeAfter(model, run);
    }
  }

  private static void othersGoOn(Bench bench) throws Exception {
    ConformanceModel endless = endless(bench);
    LoadedModel model = bench.load(endless);
    Running canceled = Running.start(model, Samples.zeros(endless));
    Running beside = Running.start(model, Samples.zeros(endless));
    Running after = null;
    try {
      canceled.expectGoesOn(SETTLE_MS);
      canceled.end(ErrorCode.REQUEST_CANCELED);
      canceled.expectEnds(ErrorCode.REQUEST_CANCELED, bench.cancelMs());
      after = Running.start(model, Samples.zeros(endless));
      beside.expectGoesOn(SETTLE_MS);
      after.expectGoesOn(SETTLE_MS);
    } finally {
      beside.end(ErrorCode.REQUEST_CANCELED);
      if (after != null) {
        after.end(ErrorCode.REQUEST_CANCELED);
      }
      canceled.end(ErrorCode.REQUEST_CANCELED);
    }
    beside.expectEnds(ErrorCode.REQUEST_CANCELED, bench.cancelMs());
    after.expectEnds(ErrorCode.REQUEST_CANCELED, bench.cancelMs());
    model.close();
  }

  private static ConformanceModel endless(Bench bench) {
    return bench.need(bench.models().endless(), "a run that does not end by itself");
  }

  /** Closing a model under a run is not what is tried here, and may end the process. */
  private static void closeAfter(LoadedModel model, Running run) {
    if (run.isOver()) {
      model.close();
    }
  }
}

package io.modelcontrol.observe;

import io.opentelemetry.api.trace.SpanContext;

/**
 * Which trace a sample is of: the one whose activity is being recorded on this thread, as the
 * registry asks while it counts.
 */
final class ExemplarSource implements io.prometheus.metrics.tracer.common.SpanContext {
  private static final ThreadLocal<SpanContext> RECORDED = new ThreadLocal<>();

  /** Records something that belongs to a span. */
  void recording(SpanContext spanOrNull, Runnable record) {
    RECORDED.set(spanOrNull);
    try {
      record.run();
    } finally {
      RECORDED.remove();
    }
  }

  @Override
  public String getCurrentTraceId() {
    SpanContext span = RECORDED.get();
    return span == null ? null : span.getTraceId();
  }

  @Override
  public String getCurrentSpanId() {
    SpanContext span = RECORDED.get();
    return span == null ? null : span.getSpanId();
  }

  @Override
  public boolean isCurrentSpanSampled() {
    SpanContext span = RECORDED.get();
    return span != null && span.isSampled();
  }

  @Override
  public void markCurrentSpanAsExemplar() {
    // The trace is kept or not by its sampler alone.
  }
}

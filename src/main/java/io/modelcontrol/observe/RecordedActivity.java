package io.modelcontrol.observe;

import io.modelcontrol.McpException;
import io.modelcontrol.telemetry.Activity;
import io.modelcontrol.telemetry.Operation;
import io.modelcontrol.telemetry.TraceContext;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** An activity that becomes a span and a sample of a timer. */
final class RecordedActivity implements Activity {
  private static final String OK = "OK";

  private final Operation operation;
  private final Meters meters;
  private final ExemplarSource exemplars;
  private final Span span;
  private final TraceContext context;
  private final long startNanos = System.nanoTime();
  private final Map<String, String> tags = new ConcurrentHashMap<>(4);
  private final AtomicBoolean ended = new AtomicBoolean();

  RecordedActivity(Operation operation, Meters meters, ExemplarSource exemplars, Span span) {
    this.operation = operation;
    this.meters = meters;
    this.exemplars = exemplars;
    this.span = span;
    this.context = contextOf(span.getSpanContext());
    meters.started(operation);
  }

  private static TraceContext contextOf(SpanContext span) {
    if (!span.isValid()) {
      return null;
    }
    Map<String, String> fields = new HashMap<>();
    W3CTraceContextPropagator.getInstance()
        .inject(
            Context.root().with(Span.wrap(span)), fields, (map, key, value) -> map.put(key, value));
    return new TraceContext(fields.get("traceparent"), fields.get("tracestate"));
  }

  @Override
  public TraceContext context() {
    return context;
  }

  @Override
  public Activity tag(String name, String value) {
    if (value != null) {
      tags.put(name, value);
      span.setAttribute("mcp." + name, value);
    }
    return this;
  }

  @Override
  public void end() {
    end(OK);
  }

  @Override
  public void fail(Throwable failure) {
    fail(failure, true);
  }

  @Override
  public void passOn(Throwable failure) {
    fail(failure, false);
  }

  private void fail(Throwable failure, boolean first) {
    if (ended.get()) {
      return;
    }
    McpException error = McpException.of(failure);
    span.setStatus(StatusCode.ERROR, String.valueOf(error.getMessage()));
    span.setAttribute("error.type", error.code().name());
    span.setAttribute("mcp.error.code", error.code().code());
    span.setAttribute("mcp.error.level", String.valueOf(error.level()));
    if (first) {
      span.recordException(failure);
    }
    end(error.code().name());
    exemplars.recording(
        span.getSpanContext(),
        () -> {
          if (operation == Operation.HANDSHAKE) {
            meters.negotiationFailed(tags);
          } else if (operation == Operation.REQUEST) {
            meters.failed(error.code().name(), String.valueOf(error.level()));
          }
        });
  }

  private void end(String code) {
    if (ended.compareAndSet(false, true)) {
      long nanos = System.nanoTime() - startNanos;
      exemplars.recording(span.getSpanContext(), () -> meters.ended(operation, tags, nanos, code));
      span.end();
    }
  }
}

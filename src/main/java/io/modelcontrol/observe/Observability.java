package io.modelcontrol.observe;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.modelcontrol.telemetry.Activity;
import io.modelcontrol.telemetry.Happening;
import io.modelcontrol.telemetry.Level;
import io.modelcontrol.telemetry.Operation;
import io.modelcontrol.telemetry.Telemetry;
import io.modelcontrol.telemetry.TraceContext;
import io.modelcontrol.telemetry.Traffic;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.core.shareddata.Shareable;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import io.vertx.tracing.opentelemetry.OpenTelemetryOptions;
import io.vertx.tracing.opentelemetry.OpenTelemetryTracingFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Metrics and traces of a Vert.x and the nodes in it. Made before the Vert.x, which is built with
 * it; {@link #install} then makes the parts of the nodes tell of their work.
 */
public final class Observability implements Telemetry, Shareable, AutoCloseable {
  private static final String MAP = "mcp.observability";
  private static final String KEY = "installed";
  private static final Duration CLOSE = Duration.ofSeconds(2);

  private static final TextMapGetter<TraceContext> FIELDS =
      new TextMapGetter<>() {
        @Override
        @SuppressWarnings("deprecation") // to be implemented nevertheless
        public Iterable<String> keys(TraceContext context) {
          return List.of("traceparent", "tracestate");
        }

        @Override
        public String get(TraceContext context, String key) {
          return key.equals("traceparent") ? context.traceparent() : context.tracestate();
        }
      };

  private final ExemplarSource exemplars = new ExemplarSource();
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(
          PrometheusConfig.DEFAULT, new PrometheusRegistry(), Clock.SYSTEM, exemplars);
  private final Meters meters = new Meters(registry);
  private final OpenTelemetrySdk sdk;
  private final Tracer tracer;

  private Observability(TracingOptions tracing) {
    sdk = tracing.getOtlpEndpoint() == null ? null : sdk(tracing);
    tracer = sdk == null ? null : sdk.getTracer("io.modelcontrol");
  }

  /** Makes registry and tracer; nothing is sent or served before there is something to tell. */
  public static Observability create(ObserveOptions options) {
    return new Observability(options.getTracing());
  }

  /** As {@link #create}, or {@code null} if the options ask for nothing. */
  public static Observability ifWanted(ObserveOptions options) {
    return options.isAnything() ? create(options) : null;
  }

  private static OpenTelemetrySdk sdk(TracingOptions options) {
    OtlpHttpSpanExporter exporter =
        OtlpHttpSpanExporter.builder().setEndpoint(options.getOtlpEndpoint()).build();
    Resource resource =
        Resource.getDefault()
            .merge(
                Resource.create(
                    Attributes.of(
                        AttributeKey.stringKey("service.name"), options.getServiceName())));
    SdkTracerProvider provider =
        SdkTracerProvider.builder()
            .setResource(resource)
            .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(options.getSampleRatio())))
            .addSpanProcessor(
                BatchSpanProcessor.builder(exporter)
                    .setScheduleDelay(Duration.ofMillis(options.getExportMs()))
                    .build())
            .build();
    return OpenTelemetrySdk.builder()
        .setTracerProvider(provider)
        .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
        .build();
  }

  /** A builder of a Vert.x that tells of itself, too; give it {@link #observed} options. */
  public VertxBuilder builder() {
    VertxBuilder builder = Vertx.builder().withMetrics(new MicrometerMetricsFactory(registry));
    return sdk == null ? builder : builder.withTracer(new OpenTelemetryTracingFactory(sdk));
  }

  /** Options of that Vert.x. */
  public VertxOptions observed(VertxOptions options) {
    VertxOptions observed =
        new VertxOptions(options)
            .setMetricsOptions(
                new MicrometerMetricsOptions().setEnabled(true).setJvmMetricsEnabled(true));
    return sdk == null ? observed : observed.setTracingOptions(new OpenTelemetryOptions());
  }

  /** Makes what is deployed in this Vert.x from now on tell of its work. */
  public void install(Vertx vertx) {
    Telemetry.install(vertx, this);
    vertx.sharedData().<String, Observability>getLocalMap(MAP).put(KEY, this);
  }

  /** What was installed for a Vert.x; {@code null} for nothing. */
  public static Observability of(Vertx vertx) {
    return vertx.sharedData().<String, Observability>getLocalMap(MAP).get(KEY);
  }

  /** Where an application can add metrics of its own. */
  public MeterRegistry registry() {
    return registry;
  }

  /**
   * All metrics as text.
   *
   * @param contentType {@code application/openmetrics-text}, which has exemplars, or else that of
   *     Prometheus
   */
  public String scrape(String contentType) {
    return registry.scrape(contentType);
  }

  @Override
  public void count(Happening happening) {
    meters.count(happening);
  }

  @Override
  public void watch(Level level, LongSupplier bytes) {
    meters.watch(level, bytes);
  }

  @Override
  public void batched(String model, int rows) {
    meters.batched(model, rows);
  }

  @Override
  public void gathering(long bytes) {
    meters.gathering(bytes);
  }

  @Override
  public Traffic traffic() {
    return meters.traffic();
  }

  @Override
  public Activity start(Operation operation, TraceContext parentOrNull) {
    Span span = tracer == null ? Span.getInvalid() : span(operation, parentOrNull);
    return new RecordedActivity(operation, meters, exemplars, span);
  }

  private Span span(Operation operation, TraceContext parentOrNull) {
    SpanBuilder builder = tracer.spanBuilder(operation.spanName()).setSpanKind(kind(operation));
    if (parentOrNull != null) {
      builder.setParent(remote(parentOrNull));
    } else if (operation != Operation.CLIENT_REQUEST) {
      builder.setNoParent();
    }
    return builder.startSpan();
  }

  private static SpanKind kind(Operation operation) {
    return switch (operation) {
      case CLIENT_REQUEST -> SpanKind.CLIENT;
      case REQUEST, HANDSHAKE, SESSION, DETACHMENT -> SpanKind.SERVER;
      case DISPATCH -> SpanKind.CONSUMER;
      default -> SpanKind.INTERNAL;
    };
  }

  private static Context remote(TraceContext parent) {
    return W3CTraceContextPropagator.getInstance().extract(Context.root(), parent, FIELDS);
  }

  /** Sends what is left of traces; blocks for a moment. */
  @Override
  public void close() {
    if (sdk != null) {
      sdk.getSdkTracerProvider().shutdown().join(CLOSE.toMillis(), TimeUnit.MILLISECONDS);
    }
    registry.close();
  }
}

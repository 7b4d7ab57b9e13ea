package io.modelcontrol.observe;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.modelcontrol.runtime.ResidentMemory;
import io.modelcontrol.telemetry.Happening;
import io.modelcontrol.telemetry.Level;
import io.modelcontrol.telemetry.Operation;
import io.netty.util.internal.PlatformDependent;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The metrics of a node. Labels are bounded: types, codes, phases and reasons by enumeration,
 * models by a limit. No identity, request or session is a label.
 */
final class Meters {
  /** Further models are counted together. */
  private static final int MAX_MODELS = 100;

  private static final String OTHER_MODELS = "_other";

  private static final Map<Operation, String> DESCRIPTIONS =
      Map.ofEntries(
          Map.entry(Operation.CLIENT_REQUEST, "Requests of clients, from the call to the outcome."),
          Map.entry(
              Operation.HANDSHAKE,
              "Connections, from the accept to the Ready session or the failure."),
          Map.entry(Operation.SESSION, "Ready sessions, until they end."),
          Map.entry(
              Operation.DETACHMENT,
              "Sessions without a connection, until they are resumed or given up."),
          Map.entry(Operation.PROCESS, "Processes of models, until they end."),
          Map.entry(
              Operation.REQUEST, "Requests on the server, from the first message to the outcome."),
          Map.entry(Operation.DISPATCH, "Requests on the node of the model."),
          Map.entry(Operation.QUEUE, "Time that requests wait for a worker."),
          Map.entry(
              Operation.BATCH,
              "Requests that run with others, from the gathering of inputs to the split."),
          Map.entry(Operation.PREPROCESS, "Preprocessing of images."),
          Map.entry(Operation.RUNTIME, "Runs of model runtimes."));

  private final MeterRegistry registry;
  private final Map<Operation, AtomicInteger> active = new EnumMap<>(Operation.class);
  private final Map<Happening, Counter> happenings = new EnumMap<>(Happening.class);
  private final Map<Level, LongSupplier> levels = new ConcurrentHashMap<>();
  private final AtomicLong gatherBytes = new AtomicLong();
  private final FrameCounts traffic = new FrameCounts();
  private final Set<String> models = ConcurrentHashMap.newKeySet();
  private final Set<String> versions = ConcurrentHashMap.newKeySet();

  Meters(MeterRegistry registry) {
    this.registry = registry;
    for (Operation operation : Operation.values()) {
      active.put(operation, new AtomicInteger());
    }
    sessions("handshaking", Operation.HANDSHAKE);
    sessions("ready", Operation.SESSION);
    sessions("detached", Operation.DETACHMENT);
    gauge("mcp.requests.active", "Requests that a server works on.", Operation.REQUEST);
    gauge("mcp.queue.waiting", "Requests that wait for a worker.", Operation.QUEUE);
    gauge("mcp.runtime.active", "Runs of model runtimes that are under way.", Operation.RUNTIME);
    gauge("mcp.processes", "Processes of models that run.", Operation.PROCESS);
    for (Happening happening : Happening.values()) {
      happenings.put(happening, counter(happening));
    }
    for (Level level : Level.values()) {
      levels.put(level, () -> 0);
      level(level);
    }
    traffic.register(registry);
    Gauge.builder("mcp.memory.direct", PlatformDependent::usedDirectMemory)
        .description("Direct memory that Netty's buffers take.")
        .baseUnit("bytes")
        .register(registry);
    Gauge.builder("mcp.memory.gather", gatherBytes::get)
        .description("Direct memory in which workers join inputs, part of the one above.")
        .baseUnit("bytes")
        .register(registry);
    Gauge.builder("mcp.memory.resident", Meters::residentBytes)
        .description("Resident memory of the process, native memory of runtimes included.")
        .baseUnit("bytes")
        .register(registry);
  }

  private Counter counter(Happening happening) {
    return Counter.builder(happening.metric())
        .description(happening.description())
        .register(registry);
  }

  private void level(Level level) {
    Gauge.builder(level.metric(), () -> levels.get(level).getAsLong())
        .description(level.description())
        .baseUnit("bytes")
        .register(registry);
  }

  void watch(Level level, LongSupplier bytes) {
    levels.put(level, bytes);
  }

  void batched(String model, int rows) {
    DistributionSummary.builder("mcp.batch.size")
        .description("Rows of batches.")
        .tags(Tags.of("model", bounded(models, model)))
        .serviceLevelObjectives(2, 4, 8, 16, 32, 64, 128, 256)
        .register(registry)
        .record(rows);
  }

  void gathering(long bytes) {
    gatherBytes.addAndGet(bytes);
  }

  void count(Happening happening) {
    happenings.get(happening).increment();
  }

  FrameCounts traffic() {
    return traffic;
  }

  private void sessions(String state, Operation operation) {
    Gauge.builder("mcp.sessions", active.get(operation), AtomicInteger::get)
        .description("Sessions by state.")
        .tag("state", state)
        .register(registry);
  }

  private void gauge(String name, String description, Operation operation) {
    Gauge.builder(name, active.get(operation), AtomicInteger::get)
        .description(description)
        .register(registry);
  }

  /** Not a number where it cannot be told. */
  private static double residentBytes() {
    long bytes = ResidentMemory.bytes();
    return bytes < 0 ? Double.NaN : bytes;
  }

  void started(Operation operation) {
    active.get(operation).incrementAndGet();
  }

  /**
   * A piece of work has ended.
   *
   * @param code OK, or the name of the error
   */
  void ended(Operation operation, Map<String, String> tags, long nanos, String code) {
    active.get(operation).decrementAndGet();
    Timer.builder(operation.spanName())
        .description(DESCRIPTIONS.get(operation))
        .tags(labels(operation, tags).and("code", code))
        .publishPercentileHistogram()
        .minimumExpectedValue(Duration.ofNanos(100_000))
        .maximumExpectedValue(Duration.ofSeconds(60))
        .register(registry)
        .record(nanos, TimeUnit.NANOSECONDS);
  }

  private Tags labels(Operation operation, Map<String, String> tags) {
    return switch (operation) {
      case HANDSHAKE -> Tags.of("protocol", tags.getOrDefault("protocol", ""));
      case REQUEST, CLIENT_REQUEST -> Tags.of("type", tags.getOrDefault("type", ""));
      case DISPATCH, QUEUE, BATCH, PREPROCESS ->
          Tags.of("model", bounded(models, tags.get("model")));
      case RUNTIME -> version(tags);
      default -> Tags.empty();
    };
  }

  private Tags version(Map<String, String> tags) {
    String model = tags.getOrDefault("model", OTHER_MODELS);
    String version = tags.getOrDefault("version", "");
    String both = model + "/" + version;
    return bounded(versions, both).equals(both)
        ? Tags.of("model", model, "version", version)
        : Tags.of("model", OTHER_MODELS, "version", "");
  }

  private static String bounded(Set<String> known, String modelOrNull) {
    String model = modelOrNull == null ? OTHER_MODELS : modelOrNull;
    if (known.contains(model) || known.size() < MAX_MODELS && known.add(model)) {
      return model;
    }
    return OTHER_MODELS;
  }

  void negotiationFailed(Map<String, String> tags) {
    registry
        .counter(
            "mcp.negotiation.failures",
            "protocol",
            tags.getOrDefault("protocol", ""),
            "phase",
            tags.getOrDefault("phase", ""),
            "reason",
            tags.getOrDefault("reason", ""))
        .increment();
  }

  void failed(String code, String level) {
    registry.counter("mcp.errors", "code", code, "level", level).increment();
  }
}

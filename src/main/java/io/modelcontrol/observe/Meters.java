package io.modelcontrol.observe;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.modelcontrol.telemetry.Operation;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The metrics of a node. Labels are bounded: types, codes, phases and reasons by enumeration,
 * models by a limit. No identity, request or session is a label.
 */
final class Meters {
  /** Further models are counted together. */
  private static final int MAX_MODELS = 100;

  private static final String OTHER_MODELS = "_other";
  private static final long PAGE_BYTES = 4096;

  private static final Map<Operation, String> DESCRIPTIONS =
      Map.of(
          Operation.CLIENT_REQUEST, "Requests of clients, from the call to the outcome.",
          Operation.HANDSHAKE, "Connections, from the accept to the Ready session or the failure.",
          Operation.SESSION, "Ready sessions, until they end.",
          Operation.REQUEST, "Requests on the server, from the first message to the outcome.",
          Operation.DISPATCH, "Requests on the node of the model.",
          Operation.QUEUE, "Time that requests wait for a worker.",
          Operation.RUNTIME, "Runs of model runtimes.");

  private final MeterRegistry registry;
  private final Map<Operation, AtomicInteger> active = new EnumMap<>(Operation.class);
  private final Set<String> models = ConcurrentHashMap.newKeySet();

  Meters(MeterRegistry registry) {
    this.registry = registry;
    for (Operation operation : Operation.values()) {
      active.put(operation, new AtomicInteger());
    }
    sessions("handshaking", Operation.HANDSHAKE);
    sessions("ready", Operation.SESSION);
    gauge("mcp.requests.active", "Requests that a server works on.", Operation.REQUEST);
    gauge("mcp.queue.waiting", "Requests that wait for a worker.", Operation.QUEUE);
    gauge("mcp.runtime.active", "Runs of model runtimes that are under way.", Operation.RUNTIME);
    Gauge.builder("mcp.memory.direct", PlatformDependent::usedDirectMemory)
        .description("Direct memory that Netty's buffers take.")
        .baseUnit("bytes")
        .register(registry);
    Gauge.builder("mcp.memory.resident", Meters::residentBytes)
        .description("Resident memory of the process, native memory of runtimes included.")
        .baseUnit("bytes")
        .register(registry);
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

  /** From Linux; not a number where there is none. */
  private static double residentBytes() {
    try {
      String[] pages = Files.readString(Path.of("/proc/self/statm")).split(" ", -1);
      return Long.parseLong(pages[1]) * (double) PAGE_BYTES;
    } catch (IOException e) {
      return Double.NaN;
    }
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
      case DISPATCH, QUEUE, RUNTIME -> Tags.of("model", bounded(tags.get("model")));
      default -> Tags.empty();
    };
  }

  private String bounded(String modelOrNull) {
    String model = modelOrNull == null ? OTHER_MODELS : modelOrNull;
    if (models.contains(model) || models.size() < MAX_MODELS && models.add(model)) {
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

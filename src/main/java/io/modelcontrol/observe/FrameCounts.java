package io.modelcontrol.observe;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.modelcontrol.telemetry.Traffic;
import io.modelcontrol.wire.FrameType;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** Frames and their bytes by type and direction: adders, which the metrics read when asked. */
final class FrameCounts implements Traffic {
  private static final int TYPES = 0x100;

  private final LongAdder[] receivedFrames = adders();
  private final LongAdder[] receivedBytes = adders();
  private final LongAdder[] sentFrames = adders();
  private final LongAdder[] sentBytes = adders();

  private static LongAdder[] adders() {
    return Stream.generate(LongAdder::new).limit(TYPES).toArray(LongAdder[]::new);
  }

  @Override
  public void received(int frameType, int payloadBytes) {
    receivedFrames[frameType].increment();
    receivedBytes[frameType].add(payloadBytes);
  }

  @Override
  public void sent(int frameType, int payloadBytes) {
    sentFrames[frameType].increment();
    sentBytes[frameType].add(payloadBytes);
  }

  void register(MeterRegistry registry) {
    for (FrameType type : FrameType.values()) {
      int code = type.code();
      register(registry, type, "received", receivedFrames[code], receivedBytes[code]);
      register(registry, type, "sent", sentFrames[code], sentBytes[code]);
    }
  }

  private static void register(
      MeterRegistry registry, FrameType type, String direction, LongAdder frames, LongAdder bytes) {
    FunctionCounter.builder("mcp.frames", frames, LongAdder::sum)
        .description("Frames of all sessions.")
        .tags("type", type.name(), "direction", direction)
        .register(registry);
    FunctionCounter.builder("mcp.frame.payload", bytes, LongAdder::sum)
        .description("Payload of frames of all sessions.")
        .baseUnit("bytes")
        .tags("type", type.name(), "direction", direction)
        .register(registry);
  }
}

package io.modelcontrol.telemetry;

import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Where a piece of work stands in a trace: the values of fields 0x02 and 0x03 of a message. W3C
 * Trace Context, 3.2 and 3.3.
 *
 * @param traceparent version, trace id, parent id and flags
 * @param tracestate of the vendors on the way; {@code null} for none
 */
public record TraceContext(String traceparent, String tracestate) {
  private static final int TRACE_ID = 3;
  private static final int SPAN_ID = 36;
  private static final int FLAGS = 53;

  /** All zeros are no ids, and ff is no version. */
  private static final Pattern VALID =
      Pattern.compile(
          "(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?");

  public TraceContext {
    Objects.requireNonNull(traceparent, "traceparent");
  }

  /**
   * The context that a peer sent.
   *
   * @return {@code null} where it sent none, or none that is well-formed: the trace begins anew
   */
  public static TraceContext of(String traceparentOrNull, String tracestateOrNull) {
    return traceparentOrNull == null || !VALID.matcher(traceparentOrNull).matches()
        ? null
        : new TraceContext(traceparentOrNull, tracestateOrNull);
  }

  /** 32 hexadecimal digits. */
  public String traceId() {
    return traceparent.substring(TRACE_ID, SPAN_ID - 1);
  }

  /** 16 hexadecimal digits. */
  public String spanId() {
    return traceparent.substring(SPAN_ID, FLAGS - 1);
  }
}

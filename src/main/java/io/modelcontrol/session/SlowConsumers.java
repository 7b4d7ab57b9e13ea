package io.modelcontrol.session;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.wire.FrameType;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds peers that let the server pile up what they do not take: streams that hold much and get no
 * credit are reset, a session whose transport takes nothing is ended. What a stream holds up to
 * {@link #PINNED_BYTES} may wait forever, so that an application may pause a stream for as long as
 * it likes.
 */
final class SlowConsumers {
  /** A stream that holds no more than this is left alone. */
  static final int PINNED_BYTES = 64 * 1024;

  /** Who takes so many bytes in each second of the stall time is slow, but not stalled. */
  private static final int LEAST_BYTES_A_SECOND = 1024;

  private static final long MAX_SCAN_NANOS = 500_000_000L;
  private static final int SCANS_FOR_EACH_STALL = 16;

  /**
   * A peer that was silent for this part of the stall is gone rather than slow: what it said at the
   * begin was still on its way when the connection broke.
   */
  private static final int SILENT_PART = 2;

  /** The same where the peer was asked meanwhile, again and again. */
  private static final int SILENT_THOUGH_ASKED_PART = 4;

  private static final int ASKING_PART = 8;

  /** A stream that holds much; since when it has not got on. */
  private static final class Pinned {
    private final Stream stream;
    private long sinceNanos;
    private long sentBytes;

    Pinned(Stream stream) {
      this.stream = stream;
    }

    void mark(long ranNanos) {
      sinceNanos = ranNanos;
      sentBytes = stream.sentBytes;
    }
  }

  private final StreamLifecycle lifecycle;
  private final FrameSink sink;
  private final OutboundWindow sessionWindow;
  private final Liveness liveness;
  private final long stallNanos;
  private final long leastBytes;
  private final List<Pinned> pinned = new ArrayList<>(0);
  private boolean scanning;
  private long scannedNanos;

  /** The time as this end has lived it: while it did not run, nobody could get on. */
  private long ranNanos;

  private long askedNanos = Long.MIN_VALUE / 2;

  private boolean full;
  private long fullSinceNanos;
  private long backlog;

  SlowConsumers(
      SessionConfig config,
      StreamLifecycle lifecycle,
      FrameSink sink,
      OutboundWindow sessionWindow,
      Liveness liveness) {
    this.lifecycle = lifecycle;
    this.sink = sink;
    this.sessionWindow = sessionWindow;
    this.liveness = liveness;
    this.stallNanos = config.role() == SessionRole.SERVER ? config.timeouts().stallNanos() : 0;
    this.leastBytes = Math.max(1, stallNanos / 1_000_000_000L * LEAST_BYTES_A_SECOND);
  }

  /** A message was queued on a stream. */
  void onQueued(Stream stream) {
    if (stallNanos > 0 && !stream.watched && stream.queuedBytes() > PINNED_BYTES) {
      stream.watched = true;
      Pinned entry = new Pinned(stream);
      entry.mark(ranNanos);
      pinned.add(entry);
    }
  }

  /** The transport takes frames. */
  void onWritable() {
    full = false;
  }

  /**
   * Resets the streams that have stalled.
   *
   * @throws McpException SLOW_CONSUMER, for the session, if the transport has; NETWORK_TIMEOUT if
   *     the peer was not heard either, so that the connection is lost rather than misused
   */
  void check(long nowNanos) {
    if (!isNeeded()) {
      scanning = false;
      return;
    }
    if (!scanning || isConnectedAnew()) {
      scanning = true;
      scannedNanos = nowNanos;
      full = false;
      pinned.forEach(entry -> entry.mark(ranNanos));
    } else if (nowNanos - scannedNanos < scanNanos()) {
      return;
    }
    ranNanos += Math.min(nowNanos - scannedNanos, 2 * scanNanos());
    scannedNanos = nowNanos;
    checkTransport(nowNanos);
    checkStreams(nowNanos);
  }

  /** What did not get on over another connection is no sign of how this one is read. */
  private boolean isConnectedAnew() {
    return liveness.connectedNanos() - scannedNanos >= 0;
  }

  /** Nanoseconds until the next check, if that is sooner. */
  long untilNextCheck(long nowNanos, long otherNanos) {
    if (!isNeeded()) {
      return otherNanos;
    }
    long next = scanning ? scannedNanos + scanNanos() - nowNanos : scanNanos();
    return Math.min(otherNanos, Math.max(0, next));
  }

  private boolean isNeeded() {
    return stallNanos > 0 && (!pinned.isEmpty() || !sink.isWritable());
  }

  private long scanNanos() {
    return Math.min(MAX_SCAN_NANOS, stallNanos / SCANS_FOR_EACH_STALL);
  }

  private void checkTransport(long nowNanos) {
    if (sink.isWritable()) {
      full = false;
      return;
    }
    long left = sink.bytesBeforeWritable();
    if (!full || left <= backlog - leastBytes) {
      full = true;
      fullSinceNanos = ranNanos;
      backlog = left;
    } else if (ranNanos - fullSinceNanos >= stallNanos) {
      throw liveness.silentNanos(nowNanos) >= stallNanos / SILENT_PART
          ? lost()
          : McpException.sessionError(
              ErrorCode.SLOW_CONSUMER, "the peer does not read what it asked for");
    }
  }

  private static McpException lost() {
    return McpException.sessionError(
        ErrorCode.NETWORK_TIMEOUT, "the peer takes nothing and gave no sign of life");
  }

  private void checkStreams(long nowNanos) {
    long longest = pinned.stream().mapToLong(this::stalledNanos).max().orElse(0);
    if (longest >= stallNanos
        && liveness.silentNanos(nowNanos) >= stallNanos / SILENT_THOUGH_ASKED_PART) {
      throw lost();
    }
    if (longest >= stallNanos / SILENT_PART) {
      askForLife();
    }
    List<Stream> stalled = new ArrayList<>(0);
    pinned.removeIf(entry -> isOver(entry, stalled));
    for (Stream stream : stalled) {
      lifecycle.fail(
          stream,
          McpException.streamError(
              ErrorCode.SLOW_CONSUMER,
              "stream " + stream.id() + " holds " + stream.queuedBytes() + " bytes, no credit"));
    }
  }

  /** Whether a stream need not be watched any longer: it got on, it ended, or it has stalled. */
  private boolean isOver(Pinned entry, List<Stream> stalled) {
    Stream stream = entry.stream;
    boolean over = !holdsMuch(stream);
    if (!over) {
      long stalledNanos = stalledNanos(entry);
      if (stalledNanos == 0) {
        entry.mark(ranNanos);
      } else if (stalledNanos >= stallNanos) {
        stalled.add(stream);
        over = true;
      }
    }
    stream.watched = !over;
    return over;
  }

  private static boolean holdsMuch(Stream stream) {
    return stream.state().canSend() && stream.queuedBytes() > PINNED_BYTES;
  }

  /** How long a stream has not got on; 0 if it may, or did. */
  private long stalledNanos(Pinned entry) {
    Stream stream = entry.stream;
    boolean mayGoOn = stream.outbound.allows(1) > 0 && sessionWindow.allows(1) > 0;
    boolean gotOn = stream.sentBytes - entry.sentBytes >= leastBytes;
    return mayGoOn || gotOn || !holdsMuch(stream) ? 0 : ranNanos - entry.sinceNanos;
  }

  /** Credit may have been granted over a connection that is gone: that is found out in time. */
  private void askForLife() {
    if (ranNanos - askedNanos >= stallNanos / ASKING_PART) {
      askedNanos = ranNanos;
      sink.write(FrameType.PING, 0, 0, null);
    }
  }
}

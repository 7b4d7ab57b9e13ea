package io.modelcontrol.session;

import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameType;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;

/**
 * Sends what is queued on the streams, each in turn, as far as their windows, the session's window
 * and the transport allow. A turn is one frame, and a short one, while a short message waits: a
 * large tensor does not delay a small request. Where all are large, a turn goes on as long as the
 * transport takes it at once, so that the peer has one message whole before many are begun.
 */
final class OutboundScheduler {
  /** A message is short up to here; so is the frame of another one that it waits for. */
  private static final int SHORT_BYTES = 16 * 1024;

  /** No turn begins another frame beyond. */
  private static final int TURN_BYTES = 1024 * 1024;

  private final FrameSink sink;
  private final OutboundWindow sessionWindow;
  private final SlowConsumers slow;
  private final StreamLifecycle lifecycle;
  private final Admission admission;
  private final ArrayDeque<Stream> ready = new ArrayDeque<>();

  /** Those who are ready with a short message. */
  private int shortMessages;

  private boolean sending;

  /**
   * @param lifecycle told of each frame: the stream may have ended, or have room again
   */
  OutboundScheduler(
      SessionConfig config,
      FrameSink sink,
      OutboundWindow sessionWindow,
      StreamLifecycle lifecycle,
      Admission admission,
      Liveness liveness) {
    this.sink = sink;
    this.sessionWindow = sessionWindow;
    this.lifecycle = lifecycle;
    this.admission = admission;
    this.slow = new SlowConsumers(config, lifecycle, sink, sessionWindow, liveness);
  }

  /** Queues a whole message on a stream. */
  void queue(Stream stream, ByteBuf message, boolean endStream, boolean compressed) {
    admission.onQueue(stream, message.readableBytes());
    stream.queue(message, endStream, compressed);
    offer(stream);
    run();
  }

  /** Puts a stream in line if it has something that it may send. */
  void offer(Stream stream) {
    slow.onQueued(stream);
    if (!stream.scheduled && canSend(stream)) {
      schedule(stream);
      ready.add(stream);
    }
  }

  private void schedule(Stream stream) {
    stream.scheduled = true;
    stream.scheduledShort = stream.currentBytes() <= SHORT_BYTES;
    if (stream.scheduledShort) {
      shortMessages++;
    }
  }

  private void unschedule(Stream stream) {
    stream.scheduled = false;
    if (stream.scheduledShort) {
      shortMessages--;
    }
  }

  /** Sends until nothing is ready, a window is used up or the transport is full. */
  void run() {
    if (sending) {
      return;
    }
    sending = true;
    if (sink.isWritable()) {
      slow.onWritable();
    }
    try {
      while (!ready.isEmpty() && sink.isWritable()) {
        Stream stream = ready.poll();
        unschedule(stream);
        if (!canSend(stream)) {
          continue;
        }
        if (!sendTurn(stream)) {
          schedule(stream);
          ready.addFirst(stream);
          return;
        }
        offer(stream);
      }
    } finally {
      sending = false;
    }
  }

  /** Ends what the peer does not take: see {@link SlowConsumers#check}. */
  void checkStalled(long nowNanos) {
    slow.check(nowNanos);
  }

  long untilNextCheck(long nowNanos, long otherNanos) {
    return slow.untilNextCheck(nowNanos, otherNanos);
  }

  private static boolean canSend(Stream stream) {
    return stream.hasQueued()
        && stream.state().canSend()
        && (stream.currentBytes() == 0 || stream.outbound.allows(1) > 0);
  }

  /** Sends at least a frame, or returns false: the session's window is used up. */
  private boolean sendTurn(Stream stream) {
    long end = stream.sentBytes + TURN_BYTES;
    boolean sent = sendFrame(stream);
    while (sent && goesOn(stream, end)) {
      sendFrame(stream);
    }
    return sent;
  }

  private boolean goesOn(Stream stream, long endBytes) {
    return shortMessages == 0
        && stream.sentBytes < endBytes
        && !stream.scheduled
        && canSend(stream)
        && sessionWindow.allows(1) > 0
        && sink.isWritable();
  }

  private boolean sendFrame(Stream stream) {
    int most = shortMessages == 0 ? FrameHeader.MAX_PAYLOAD : SHORT_BYTES;
    int wanted = Math.min(most, stream.currentBytes());
    int bytes = sessionWindow.allows(stream.outbound.allows(wanted));
    if (bytes == 0 && wanted > 0) {
      return false;
    }
    boolean whole = bytes == stream.currentBytes();
    boolean endMessage = whole && bytes > 0;
    boolean endStream = whole && stream.isLastQueued() && stream.isEndQueued();
    int compressed = stream.takeCompressedMark() ? FrameHeader.COMPRESSED : 0;
    ByteBuf payload = stream.takeQueued(bytes);
    admission.onSent(stream, bytes);
    stream.outbound.take(bytes);
    sessionWindow.take(bytes);
    int ends =
        (endMessage ? FrameHeader.END_MESSAGE : 0) | (endStream ? FrameHeader.END_STREAM : 0);
    sink.write(FrameType.DATA, ends | compressed, stream.id(), payload);
    if (endStream) {
      stream.transition(stream.state().afterLocalEnd());
    }
    lifecycle.onSent(stream);
    if (!whole && sessionWindow.allows(stream.outbound.allows(1)) == 0) {
      sink.onCreditStall();
    }
    return true;
  }
}

package io.modelcontrol.session;

import io.modelcontrol.wire.Pieces;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;

/**
 * One exchange in a session: its state, its two windows, the message that is being received and the
 * messages that wait to be sent. Contract 2. A flat object; everything that only some streams need
 * is made when it is needed. Changed by {@link Session} and {@link OutboundScheduler} only.
 */
public final class Stream {
  private int id;
  private boolean knownToPeer;
  private StreamState state = StreamState.OPEN;
  final InboundWindow inbound;
  final OutboundWindow outbound;

  private MessageAssembler assembler;
  private long receivedBytes;
  private long messageDeadlineNanos;
  private long deadlineSetAtBytes;
  private boolean reading = true;
  private int unreadBytes;

  /** Whether the message that is being received is compressed. */
  private boolean compressedInbound;

  /** Whole messages that arrived, and those of them that were taken. */
  private int arrived;

  private int taken;

  /** Which of the messages that arrived and were not taken are compressed, by their number. */
  private ArrayDeque<Integer> compressedArrived;

  /** Which of the messages that wait to be sent are compressed. */
  private ArrayDeque<ByteBuf> compressedQueued;

  private ArrayDeque<ByteBuf> waiting;
  private ByteBuf current;
  private long queuedBytes;
  private boolean endQueued;
  long sentBytes;

  /** Whether it is in line to send, and whether a short message was the first one then. */
  boolean scheduled;

  boolean scheduledShort;

  /** Where it stands among the streams without an id. */
  int place;

  /** Whether it is watched for a peer that does not take what is queued. */
  boolean watched;

  boolean drainWanted;

  /** Whether a message that arrived on it was handed on, or waits to be. */
  boolean begun;

  /** Whether it is a request that runs, of which no answer was queued. */
  boolean answerExpected;

  private Object attachment;

  /**
   * @param id of a stream that the peer opened; 0 where it is given with the first message
   */
  Stream(int id, int inboundWindow, int outboundWindow) {
    this.id = id;
    this.knownToPeer = id != 0;
    this.inbound = new InboundWindow(inboundWindow);
    this.outbound = new OutboundWindow(outboundWindow);
  }

  /** The stream id, an unsigned 32-bit number; 0 while nothing was sent on a stream of this end. */
  public int id() {
    return id;
  }

  void number(int newId) {
    assert id == 0 : "a stream is numbered once";
    id = newId;
  }

  /**
   * Whether the peer opened the stream or was sent a frame of it, and so may be told of its end.
   */
  boolean isKnownToPeer() {
    return knownToPeer;
  }

  public StreamState state() {
    return state;
  }

  /** The only writer of the state. */
  void transition(StreamState next) {
    assert state != StreamState.CLOSED : "nothing leads out of CLOSED";
    state = next;
  }

  /** Whatever the owner of the session ties to this stream. */
  public Object attachment() {
    return attachment;
  }

  public void attach(Object newAttachment) {
    attachment = newAttachment;
  }

  /** Bytes that wait to be sent. */
  public long queuedBytes() {
    return queuedBytes;
  }

  /** Bytes of messages that arrived: the offset of the next one. */
  long receivedBytes() {
    return receivedBytes;
  }

  boolean isReading() {
    return reading;
  }

  void reading(boolean newReading) {
    reading = newReading;
  }

  /** Bytes that arrived while nobody read: credit for them is owed when somebody does. */
  int takeUnreadBytes() {
    int bytes = unreadBytes;
    unreadBytes = 0;
    return bytes;
  }

  /** Takes note of a payload, so many bytes of which, all but an offset, belong to messages. */
  void received(int payloadBytes, int messageBytes) {
    receivedBytes += messageBytes;
    if (reading) {
      inbound.owe(payloadBytes);
    } else {
      unreadBytes += payloadBytes;
    }
  }

  MessageAssembler assembler() {
    return assembler;
  }

  /** The message that is being received; {@code null} once it is whole. */
  void assembler(MessageAssembler newAssembler) {
    assembler = newAssembler;
  }

  /** Gives an unfinished message more time, the session having received so many bytes in all. */
  void extend(long deadlineNanos, long sessionBytes) {
    messageDeadlineNanos = deadlineNanos;
    deadlineSetAtBytes = sessionBytes;
  }

  /** Bytes that the session had received when the unfinished message was given its time. */
  long deadlineSetAtBytes() {
    return deadlineSetAtBytes;
  }

  /** A reader that paused takes its time from the message's. */
  void postpone(long deadlineNanos) {
    messageDeadlineNanos = deadlineNanos;
  }

  boolean isMessageOverdue(long nowNanos) {
    return assembler != null && reading && nowNanos - messageDeadlineNanos > 0;
  }

  /** The message that is being received, or that begins now, is compressed. */
  void receiveCompressed() {
    compressedInbound = true;
  }

  boolean isReceivingCompressed() {
    return compressedInbound;
  }

  /** The message that was being received is whole, and handed on. */
  void onArrived() {
    arrived++;
    if (compressedInbound) {
      compressedInbound = false;
      compressedArrived = compressedArrived == null ? new ArrayDeque<>(2) : compressedArrived;
      compressedArrived.add(arrived);
    }
  }

  /**
   * Takes note that the next message that arrived is looked at now; each is, in their order.
   *
   * @return whether it is compressed
   */
  public boolean takeArrived() {
    taken++;
    if (compressedArrived == null
        || compressedArrived.isEmpty()
        || compressedArrived.peek() != taken) {
      return false;
    }
    compressedArrived.poll();
    return true;
  }

  void queue(ByteBuf message, boolean end, boolean compressed) {
    queuedBytes += message.readableBytes();
    endQueued |= end;
    if (compressed) {
      compressedQueued = compressedQueued == null ? new ArrayDeque<>(2) : compressedQueued;
      compressedQueued.add(message);
    }
    if (current == null) {
      current = message;
      return;
    }
    if (waiting == null) {
      waiting = new ArrayDeque<>(4);
    }
    waiting.add(message);
  }

  /** Whether more is queued than this; the drain is wanted then. */
  boolean isFull(int bytes) {
    boolean full = queuedBytes > bytes;
    drainWanted |= full;
    return full;
  }

  boolean hasQueued() {
    return current != null;
  }

  boolean isEndQueued() {
    return endQueued;
  }

  /** Bytes of the first message that is not wholly sent. */
  int currentBytes() {
    return current.readableBytes();
  }

  boolean isLastQueued() {
    return waiting == null || waiting.isEmpty();
  }

  /**
   * Whether a frame that is sent now is the first one of a message that is compressed. It is that
   * very buffer that was queued, not one with the same bytes.
   */
  @SuppressWarnings("ReferenceEquality")
  boolean takeCompressedMark() {
    if (compressedQueued == null || compressedQueued.peek() != current) {
      return false;
    }
    compressedQueued.poll();
    return true;
  }

  /** The next bytes of the first message; the last of them are the message itself. */
  ByteBuf takeQueued(int bytes) {
    knownToPeer = true;
    queuedBytes -= bytes;
    sentBytes += bytes;
    if (bytes < current.readableBytes()) {
      return Pieces.take(current, bytes);
    }
    ByteBuf last = current;
    current = waiting == null ? null : waiting.poll();
    return last;
  }

  /** Drops what is held in both directions. */
  void release() {
    if (assembler != null) {
      assembler.release();
      assembler = null;
    }
    if (current != null) {
      current.release();
      current = null;
    }
    if (waiting != null) {
      waiting.forEach(ByteBuf::release);
      waiting = null;
    }
    queuedBytes = 0;
  }
}

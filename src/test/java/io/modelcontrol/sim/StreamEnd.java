package io.modelcontrol.sim;

import static io.modelcontrol.sim.Simulation.check;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.session.SessionState;
import io.modelcontrol.session.Stream;
import io.netty.buffer.ByteBuf;

/**
 * One end of one stream: the application that does what is planned, and the model of what it may be
 * told.
 */
final class StreamEnd {
  final SessionEnd owner;
  final Plan plan;
  final Stream stream;
  private final int side;
  private final Simulation sim;
  private StreamEnd peer;
  private int sent;
  private int received;
  private boolean started;
  private boolean paused;
  private boolean endSent;
  private boolean endReceived;
  private boolean wasReset;
  private boolean gaveUp;
  private boolean closed;
  private boolean wantsRoom;
  private Runnable abandoned;

  private StreamEnd(SessionEnd owner, Plan plan, Stream stream, int side) {
    this.owner = owner;
    this.plan = plan;
    this.stream = stream;
    this.side = side;
    this.sim = owner.sim;
    stream.attach(this);
    if (plan.resets == side) {
      sim.after(plan.resetAfterNanos, this::giveUp);
    }
  }

  /** Opens a stream and begins to do what is planned. */
  static void open(SessionEnd owner, Plan plan) {
    sim(owner).tally.add(Tally.Count.STREAMS);
    StreamEnd opened = new StreamEnd(owner, plan, owner.session.openStream(), Plan.OPENER);
    opened.started = true;
    if (plan.oversize) {
      opened.tryTooLarge();
    }
    opened.send();
  }

  private static Simulation sim(SessionEnd owner) {
    return owner.sim;
  }

  static StreamEnd accept(SessionEnd owner, Stream stream) {
    StreamEnd opener = owner.conversation.openers.get(stream.id());
    check(opener != null, "a stream arrives that nobody opened");
    check(opener.peer == null, "a stream arrives twice");
    StreamEnd accepted = new StreamEnd(owner, opener.plan, stream, Plan.ACCEPTOR);
    opener.peer = accepted;
    accepted.peer = opener;
    return accepted;
  }

  private void tryTooLarge() {
    int tooLarge = owner.session.remoteLimits().maxMessageSize() + 1;
    if (tooLarge > Content.MAX_SIZE) {
      return;
    }
    sim.tally.add(Tally.Count.OVERSIZE);
    try {
      owner.session.send(stream, Content.make(0, tooLarge, sim.allocator()), true);
    } catch (McpException e) {
      check(e.code() == ErrorCode.MESSAGE_TOO_LARGE, "a message too large is refused as " + e);
      return;
    }
    throw new AssertionError("a message too large is sent");
  }

  /** Sends the next message; the one after it follows in time, or when there is room. */
  private void send() {
    if (closed || endSent) {
      return;
    }
    owner.drive(this::sendNow);
    if (!closed && !endSent && !wantsRoom) {
      if (owner.session.isFull(stream)) {
        wantsRoom = true;
      } else {
        sim.after(plan.gapNanos, this::send);
      }
    }
  }

  private void sendNow() {
    if (closed) {
      return;
    }
    boolean more = sent < plan.messages[side];
    int index = sent;
    if (more) {
      sent++;
    }
    endSent = sent == plan.messages[side] && (!more || !plan.separateEnd[side]);
    ByteBuf message =
        more
            ? Content.make(key(side, index), size(side, index), sim.allocator())
            : sim.allocator().heapBuffer(0);
    boolean queued = owner.session.send(stream, message, endSent);
    check(queued || closed, "an open stream takes no message");
    if (side == Plan.OPENER) {
      owner.conversation.openers.putIfAbsent(stream.id(), this);
    }
  }

  void onDrained() {
    check(!closed, "an ended stream is drained");
    check(wantsRoom, "a stream is drained that was not full");
    wantsRoom = false;
    sim.after(plan.gapNanos, this::send);
  }

  void onMessage(ByteBuf message, boolean endStream) {
    check(!closed, "a message arrives on an ended stream");
    check(!endReceived, "a message arrives after the last one");
    if (message != null) {
      sim.tally.add(Tally.Count.MESSAGES);
      int index = received++;
      check(index < plan.messages[1 - side], "more messages arrive than were sent");
      boolean intact = sim.content.is(message, key(1 - side, index), size(1 - side, index));
      message.release();
      check(intact, "another message arrives than was sent");
    }
    endReceived = endStream;
    if (endStream) {
      check(received == plan.messages[1 - side], "fewer messages arrive than were sent");
    } else {
      maybePause();
    }
    if (!started && (endStream || plan.early)) {
      started = true;
      answer();
    }
  }

  /** The acceptor's turn. */
  private void answer() {
    if (plan.repeatable) {
      owner.host.execute(this);
    } else {
      sim.after(sim.random.nextLong(100 * Scenario.MS), this::send);
    }
  }

  /** The answer of a request that may be repeated is there. */
  void answered() {
    send();
  }

  /** What is to be done if the stream ends before it was answered. */
  void onAbandoned(Runnable action) {
    abandoned = action;
  }

  private void maybePause() {
    if (!paused && sim.random.nextInt(10) < plan.pausesOfTen) {
      sim.tally.add(Tally.Count.PAUSES);
      paused = true;
      owner.session.reading(stream, false);
      sim.after(sim.random.nextLong(300 * Scenario.MS), this::read);
    }
  }

  private void read() {
    paused = false;
    if (!closed) {
      owner.drive(
          () -> {
            owner.session.reading(stream, true);
            owner.checkStreamCredit(this);
          });
    }
  }

  /** Whether credit of this stream must come back at once. */
  boolean isRead() {
    return !closed && !paused && stream.state().canReceive();
  }

  private void giveUp() {
    if (!closed) {
      sim.tally.add(Tally.Count.RESETS);
      gaveUp = true;
      McpException error =
          McpException.streamError(ErrorCode.REQUEST_CANCELED, "not wanted any more");
      owner.drive(() -> owner.session.reset(stream, error));
      check(closed, "a stream that was given up is open");
    }
  }

  void onReset(McpException error) {
    check(!closed && !wasReset, "a stream ends twice");
    wasReset = true;
    if (owner.session.state() == SessionState.CLOSED) {
      return;
    }
    switch (error.code()) {
      case REQUEST_CANCELED ->
          check(plan.resets == 1 - side, "a stream is reset that nobody gave up");
      case REFUSED_STREAM -> {
        check(owner.conversation.draining, "a stream is refused for no reason");
        sim.tally.add(Tally.Count.REFUSALS);
      }
      case DEADLINE_EXCEEDED ->
          check(owner.scenario.losesTime(), "a stream is too late although no time was lost");
      default -> throw new AssertionError("a stream ends with " + error);
    }
  }

  void onClosed() {
    check(!closed, "a stream ends twice");
    closed = true;
    boolean whole = endSent && endReceived;
    check(wasReset || gaveUp || whole, "a stream ends before both halves have");
    check(!wasReset || !gaveUp, "a stream that was given up is reset");
    if (abandoned != null) {
      abandoned.run();
    }
    if (side == Plan.OPENER) {
      owner.host.onStreamEnded(plan, whole && !wasReset && !gaveUp);
    }
  }

  StreamEnd peer() {
    return peer;
  }

  boolean isClosed() {
    return closed;
  }

  private long key(int from, int index) {
    return Content.mix(sim.seed, plan.number << 8 | from << 7 | index);
  }

  private int size(int from, int index) {
    long chance = Content.mix(key(from, index), 1) >>> 1;
    boolean toServer = from == Plan.OPENER == plan.clientOpens;
    int most = toServer ? owner.scenario.largestToServer : owner.scenario.largestToClient;
    long range = 1L << 1 + (chance & 0xFF) % 18;
    return (int) Math.min(most, 1 + (chance >>> 8) % range);
  }
}

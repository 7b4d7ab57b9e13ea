package io.modelcontrol.sim;

import static io.modelcontrol.sim.Simulation.check;

import io.modelcontrol.wire.AckFrame;
import io.modelcontrol.wire.FrameType;
import io.netty.buffer.ByteBuf;
import io.netty.util.collection.IntObjectHashMap;

/**
 * Watches the frames of one session on the way out of each end and into the other, over all of its
 * connections, and keeps the books itself: each sequenced frame arrives once and in order, also
 * where it was sent again; nobody sends more than the credit allows, or grants what did not arrive.
 */
final class Audit {
  /** The books of one window, of a stream or of the session, in one direction. */
  private static final class Books {
    long sent;
    long arrived;
    long granted;
    long grantArrived;
  }

  /** One direction. */
  private static final class Flow {
    long[] frames = new long[32];
    int written;
    int known;
    int arrived;
    final Books session = new Books();
    final IntObjectHashMap<Books> streams = new IntObjectHashMap<>();
    int streamWindow;
    int sessionWindow;

    Books stream(int id) {
      Books books = streams.get(id);
      if (books == null) {
        books = new Books();
        streams.put(id, books);
      }
      return books;
    }
  }

  private final Tally tally;
  private final Flow toServer = new Flow();
  private final Flow toClient = new Flow();

  Audit(Scenario scenario, Tally tally) {
    this.tally = tally;
    toServer.streamWindow = scenario.serverLimits.streamWindow();
    toServer.sessionWindow = scenario.serverLimits.sessionWindow();
    toClient.streamWindow = scenario.clientLimits.streamWindow();
    toClient.sessionWindow = scenario.clientLimits.sessionWindow();
  }

  /** An end goes on over another connection, from the frame that its peer has named. */
  void attached(boolean server, long peerReceived) {
    Flow flow = server ? toClient : toServer;
    check(peerReceived <= flow.known, "a peer has received what was never sent");
    check(peerReceived == flow.arrived, "a peer tells another count than it has received");
    flow.written = (int) peerReceived;
  }

  void onWritten(boolean byServer, FrameType type, int flags, int streamId, ByteBuf payload) {
    if (!type.isSequenced(streamId)) {
      return;
    }
    Flow flow = byServer ? toClient : toServer;
    long sum = sum(type, flags, streamId, payload);
    if (flow.written < flow.known) {
      tally.add(Tally.Count.FRAMES_REPLAYED);
      check(flow.frames[flow.written++] == sum, "another frame is sent again than was sent");
      return;
    }
    if (flow.known == flow.frames.length) {
      flow.frames = java.util.Arrays.copyOf(flow.frames, 2 * flow.known);
    }
    flow.frames[flow.known++] = sum;
    flow.written++;
    if (type == FrameType.DATA) {
      charge(flow.session, flow.sessionWindow, payload, "session");
      charge(flow.stream(streamId), flow.streamWindow, payload, "stream");
    } else if (type == FrameType.ACK) {
      Flow granted = byServer ? toServer : toClient;
      grant(streamId == 0 ? granted.session : granted.stream(streamId), payload);
    }
  }

  private static void charge(Books books, int window, ByteBuf payload, String what) {
    books.sent += payload.readableBytes();
    check(
        books.sent - books.grantArrived <= window,
        "more bytes are sent than the window of the " + what + " allows");
  }

  private static void grant(Books books, ByteBuf payload) {
    books.granted += AckFrame.decode(payload.duplicate());
    check(books.granted <= books.arrived, "credit is granted for what did not arrive");
  }

  void onReceived(boolean byServer, FrameType type, int flags, int streamId, ByteBuf payload) {
    if (!type.isSequenced(streamId)) {
      return;
    }
    Flow flow = byServer ? toServer : toClient;
    check(flow.arrived < flow.known, "a frame arrives that was not sent");
    check(
        flow.frames[flow.arrived++] == sum(type, flags, streamId, payload),
        "a frame arrives out of its order");
    if (type == FrameType.DATA) {
      flow.session.arrived += payload.readableBytes();
      flow.stream(streamId).arrived += payload.readableBytes();
    } else if (type == FrameType.ACK) {
      Flow granted = byServer ? toClient : toServer;
      Books books = streamId == 0 ? granted.session : granted.stream(streamId);
      books.grantArrived += AckFrame.decode(payload.duplicate());
    }
  }

  /** Half of a window is granted as soon as it is owed: less than that may be missing. */
  void checkSessionGranted(boolean byServer) {
    Flow flow = byServer ? toServer : toClient;
    checkGranted(flow.session, flow.sessionWindow, "session");
  }

  /** As {@link #checkSessionGranted}, for a stream that is read. */
  void checkStreamGranted(boolean byServer, int streamId) {
    Flow flow = byServer ? toServer : toClient;
    checkGranted(flow.stream(streamId), flow.streamWindow, "stream");
  }

  private static void checkGranted(Books books, int window, String what) {
    check(
        books.arrived - books.granted < Math.max(1, window / 2),
        "credit of the " + what + " is not given back");
  }

  /** Nothing is on its way any more. */
  void checkSettled() {
    checkSettled(toServer);
    checkSettled(toClient);
  }

  private static void checkSettled(Flow flow) {
    check(flow.arrived == flow.known, "a frame has not arrived");
    check(flow.session.arrived == flow.session.sent, "bytes have not arrived");
    check(flow.session.grantArrived == flow.session.granted, "credit has not arrived");
    checkGranted(flow.session, flow.sessionWindow, "session");
  }

  private static long sum(FrameType type, int flags, int streamId, ByteBuf payload) {
    int length = payload.readableBytes();
    int at = payload.readerIndex();
    long sum = Content.mix((long) type.code() << 40 | (long) flags << 32 | length, streamId);
    if (length >= Long.BYTES) {
      sum = Content.mix(sum, payload.getLong(at));
      return Content.mix(sum, payload.getLong(at + length - Long.BYTES));
    }
    for (int i = 0; i < length; i++) {
      sum = Content.mix(sum, payload.getByte(at + i));
    }
    return sum;
  }
}

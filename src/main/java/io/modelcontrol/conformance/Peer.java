package io.modelcontrol.conformance;

import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameType;
import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.Tag;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * The suite's end of one connection: sends bytes, reads and checks frames, until a deadline. Blocks
 * the thread of its case.
 */
final class Peer implements AutoCloseable {
  private static final int CONNECT_MS = 5_000;

  private final Socket socket = new Socket();
  private final List<ReceivedFrame> seen = new ArrayList<>();
  private DataInputStream in;
  private long deadlineNanos;
  private boolean answersPings = true;
  private ServerLimits limits = ServerLimits.UNKNOWN;
  private int pings;

  /** Connects, and allows so many milliseconds for what is read from now on. */
  void connect(String host, int port, long boundMs) throws IOException {
    socket.connect(new InetSocketAddress(host, port), CONNECT_MS);
    socket.setTcpNoDelay(true);
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
    deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(boundMs);
  }

  /** Brings the session to a state. */
  void reach(State state) throws IOException {
    if (state == State.HANDSHAKING) {
      return;
    }
    negotiate(Bytes.negotiation());
    if (state == State.AUTH_PENDING) {
      return;
    }
    authenticate();
    if (state == State.DRAINING) {
      send(Bytes.data(1, 0, (byte) 0xFE), Bytes.goaway(0));
    }
  }

  /** Negotiates, and returns what was selected, as protobuf fields. */
  FieldBytes negotiate(byte[] negotiation) throws IOException {
    send(Bytes.negotiateRequest(negotiation));
    return negotiated();
  }

  /** Reads NEGOTIATE_RESP. */
  FieldBytes negotiated() throws IOException {
    ReceivedMessage answer = message(0);
    answer.expect(MessageType.NEGOTIATE_RESP);
    FieldBytes selected = FieldBytes.parseProto(answer.fields().first(Tag.NEGOTIATION.code()));
    limits = ServerLimits.of(FieldBytes.parseProto(selected.first(5)));
    return selected;
  }

  void authenticate() throws IOException {
    send(Bytes.authRequest());
    authenticated();
  }

  /** Reads AUTH_RESP, which must be OK. */
  ReceivedMessage authenticated() throws IOException {
    ReceivedMessage answer = message(0);
    answer.expect(MessageType.AUTH_RESP);
    CaseFailure.check(!answer.status().isError(), "method 'none' was refused: " + answer.status());
    return answer;
  }

  /** What the server announced. */
  ServerLimits limits() {
    return limits;
  }

  /** All frames that came. */
  List<ReceivedFrame> seen() {
    return seen;
  }

  /** The server's PINGs get no reply from now on. */
  void leavePingsUnanswered() {
    answersPings = false;
  }

  /** Sends in one piece; a server that has closed already is one that the reading will notice. */
  void send(byte[]... parts) {
    try {
      socket.getOutputStream().write(Bytes.join(parts));
    } catch (IOException e) {
      // The reading tells what the server said before it closed.
      return;
    }
  }

  /** Sends no more. */
  void finish() throws IOException {
    socket.shutdownOutput();
  }

  /** The next frame; null at the end of the connection. */
  ReceivedFrame next() throws IOException {
    byte[] header = new byte[FrameHeader.LENGTH];
    byte[] payload;
    try {
      socket.setSoTimeout(remainingMs());
      int first = in.read();
      if (first < 0) {
        return null;
      }
      header[0] = (byte) first;
      in.readFully(header, 1, header.length - 1);
      payload = new byte[(header[6] & 0xFF) << 8 | header[7] & 0xFF];
      in.readFully(payload);
    } catch (SocketTimeoutException e) {
      throw CaseFailure.failed("nothing came in time; before it came " + summary());
    } catch (EOFException e) {
      throw CaseFailure.failed("the server closed within a frame");
    } catch (SocketException e) {
      return null;
    }
    return accept(header, payload);
  }

  private ReceivedFrame accept(byte[] header, byte[] payload) {
    ReceivedFrame frame =
        new ReceivedFrame(
            header[5] & 0xFF,
            header[4] & 0xF,
            Integer.toUnsignedLong(java.nio.ByteBuffer.wrap(header).getInt(8)),
            payload);
    byte[] right =
        Bytes.frame(header[4] >> 4, frame.type(), frame.flags(), frame.streamId(), payload);
    CaseFailure.check(
        header[4] >> 4 == FrameHeader.MAJOR_VERSION
            && Arrays.equals(right, 0, header.length, header, 0, header.length),
        "the server sent a header with a wrong magic, version or CRC");
    seen.add(frame);
    if (frame.is(FrameType.PING) && !frame.has(FrameHeader.REPLY) && answersPings) {
      send(Bytes.frame(FrameType.PING, FrameHeader.REPLY, 0, payload));
    }
    return frame;
  }

  /** Reads on until a frame is what is asked for; the end of the session is never. */
  ReceivedFrame await(String what, Predicate<ReceivedFrame> wanted) throws IOException {
    for (ReceivedFrame frame = next(); frame != null; frame = next()) {
      if (wanted.test(frame)) {
        return frame;
      }
      CaseFailure.check(!frame.isErrorGoaway(), "expected " + what + ", came " + frame);
    }
    throw CaseFailure.failed("expected " + what + ", the connection was closed after " + summary());
  }

  /** The next whole message of a stream; what comes on others is skipped. */
  ReceivedMessage message(long streamId) throws IOException {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    while (true) {
      ReceivedFrame frame =
          await(
              "a message on stream " + streamId,
              f -> f.isOn(FrameType.DATA, streamId) || f.isOn(FrameType.RESET, streamId));
      CaseFailure.check(!frame.is(FrameType.RESET), "expected a message, came " + frame);
      whole.writeBytes(frame.payload());
      if (frame.has(Bytes.END_MESSAGE)) {
        byte[] bytes = whole.toByteArray();
        CaseFailure.check(bytes.length > 0, "the server sent a message without a type");
        return new ReceivedMessage(
            bytes[0] & 0xFF, FieldBytes.parse(bytes, 1), frame.has(Bytes.END_STREAM));
      }
      CaseFailure.check(!frame.has(Bytes.END_STREAM), "the stream ended without a message");
    }
  }

  /** Asks for a reply, which comes once all that was sent before was looked at. */
  void checkAlive() throws IOException {
    byte[] payload = Bytes.bytes(0x70, 0x69, 0x6E, ++pings);
    send(Bytes.ping(payload));
    await("the reply to a PING", f -> isReply(f, payload));
  }

  static boolean isReply(ReceivedFrame frame, byte[] payload) {
    return frame.is(FrameType.PING)
        && frame.has(FrameHeader.REPLY)
        && Arrays.equals(frame.payload(), payload);
  }

  /** Reads until the server has closed. */
  void awaitEnd() throws IOException {
    for (ReceivedFrame frame = next(); frame != null; frame = next()) {
      CaseFailure.check(seen.size() < 100_000, "frames without end instead of a close");
    }
  }

  String summary() {
    int from = Math.max(0, seen.size() - 3);
    return seen.isEmpty() ? "nothing" : seen.subList(from, seen.size()).toString();
  }

  private int remainingMs() throws SocketTimeoutException {
    long left = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
    if (left <= 0) {
      throw new SocketTimeoutException();
    }
    return (int) left;
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // Nothing was to be had from it any more.
      return;
    }
  }
}

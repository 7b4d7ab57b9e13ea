package io.modelcontrol.sim;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.netty.buffer.ByteBuf;

/** Two ends and the bytes between them, which arrive in any pieces, late, or not at all. */
final class Connection {
  /** How a connection goes wrong. */
  enum Fault {
    NONE,
    /** Both ends are told, each at its own time. */
    CUT,
    /** Bytes vanish, and nobody is told. */
    SILENCE
  }

  private static final long LONGEST_NOTICE = 200 * Scenario.MS;
  private static final int SMALL_PIECES = 200;

  final Simulation sim;
  final Transport client;
  final Transport server;
  private final Scenario scenario;
  private final Pipe toServer;
  private final Pipe toClient;
  private final int pieceBits;
  private int pieces;
  private boolean dead;

  Connection(Simulation sim, Scenario scenario, Clock clientClock, Clock serverClock) {
    this.sim = sim;
    this.scenario = scenario;
    this.pieceBits = 1 + sim.random.nextInt(17);
    toServer = new Pipe();
    toClient = new Pipe();
    client = new Transport(this, clientClock, toServer, "client");
    server = new Transport(this, serverClock, toClient, "server");
    toServer.receiver = server;
    toServer.sender = client;
    toClient.receiver = client;
    toClient.sender = server;
    sim.tally.add(Tally.Count.CONNECTIONS);
    planFault();
  }

  private void planFault() {
    if (scenario.faultsLeft == 0 || sim.random.nextInt(5) == 0) {
      return;
    }
    scenario.faultsLeft--;
    Fault fault = scenario.silences && sim.random.nextBoolean() ? Fault.SILENCE : Fault.CUT;
    if (sim.random.nextInt(3) == 0) {
      sim.after(sim.random.nextLong(400 * Scenario.MS), () -> fail(fault));
    } else {
      Pipe pipe = sim.random.nextBoolean() ? toServer : toClient;
      pipe.fault = fault;
      pipe.faultAt = sim.random.nextInt(1 << 4 + sim.random.nextInt(12));
    }
  }

  /** Whether nothing arrives any more. */
  boolean isDead() {
    return dead;
  }

  /** Something is wrong from now on. */
  private void fail(Fault fault) {
    if (dead || client.isClosed() && server.isClosed()) {
      return;
    }
    dead = true;
    toServer.drop();
    toClient.drop();
    sim.tally.add(fault == Fault.CUT ? Tally.Count.CUTS : Tally.Count.SILENCES);
    if (sim.isTracing()) {
      sim.trace("connection " + hashCodeOfTrace() + ": " + fault);
    }
    if (fault == Fault.CUT) {
      notice(client);
      notice(server);
    }
  }

  private int hashCodeOfTrace() {
    return client.number;
  }

  private void notice(Transport end) {
    long late = sim.random.nextInt(3) == 0 ? 0 : sim.random.nextLong(LONGEST_NOTICE);
    sim.after(
        late,
        () ->
            end.disconnected(
                McpException.sessionError(
                    ErrorCode.NETWORK_CONNECTION_RESET, "the connection is lost")));
  }

  /** One direction. */
  final class Pipe {
    private Transport sender;
    private Transport receiver;
    private byte[] bytes = new byte[512];
    private int first;
    private int end;
    private long delivered;
    private long vanished;
    private Fault fault = Fault.NONE;
    private long faultAt;
    private boolean delivering;
    private boolean finished;
    private boolean wasFull;

    void write(ByteBuf data) {
      int length = data.readableBytes();
      if (dead) {
        vanished += length;
        return;
      }
      room(length);
      data.getBytes(data.readerIndex(), bytes, end, length);
      end += length;
      deliverLater(scenario.latencyNanos);
    }

    private void room(int length) {
      if (end + length <= bytes.length) {
        return;
      }
      int held = end - first;
      byte[] target = held + length <= bytes.length / 2 ? bytes : new byte[2 * (held + length)];
      System.arraycopy(bytes, first, target, 0, held);
      bytes = target;
      first = 0;
      end = held;
    }

    boolean isWritable() {
      boolean full = end - first + vanished > scenario.writeBuffer;
      wasFull |= full;
      return !full;
    }

    /** The sender writes nothing more: the receiver is told after the last byte. */
    void finish() {
      finished = true;
      if (!dead) {
        deliverLater(scenario.latencyNanos);
      }
    }

    private void drop() {
      vanished += end - first;
      first = end;
    }

    private void deliverLater(long nanos) {
      if (!delivering) {
        delivering = true;
        sim.after(nanos, this::deliver);
      }
    }

    private void deliver() {
      delivering = false;
      if (dead) {
        return;
      }
      int length = Math.min(piece(), end - first);
      boolean failing = fault != Fault.NONE && delivered + length >= faultAt;
      if (failing) {
        length = (int) Math.max(0, faultAt - delivered);
      }
      pass(length);
      if (failing) {
        Fault now = fault;
        fault = Fault.NONE;
        fail(now);
        return;
      }
      if (end > first) {
        deliverLater(Math.max(1, length * scenario.nanosPerKilobyte >> 10));
      } else if (finished) {
        receiver.disconnected(
            McpException.sessionError(
                ErrorCode.NETWORK_CONNECTION_CLOSED, "the peer closed the connection"));
      }
      if (wasFull && isWritable()) {
        wasFull = false;
        sender.writable();
      }
    }

    private int piece() {
      if (pieces++ > SMALL_PIECES) {
        return Integer.MAX_VALUE;
      }
      return 1 + sim.random.nextInt(1 << sim.random.nextInt(pieceBits) + 1);
    }

    private void pass(int length) {
      if (length > 0) {
        ByteBuf piece = sim.allocator().heapBuffer(length, length);
        piece.writeBytes(bytes, first, length);
        first += length;
        delivered += length;
        receiver.received(piece);
      }
    }
  }
}

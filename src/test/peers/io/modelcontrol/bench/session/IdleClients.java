package io.modelcontrol.bench.session;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * A process of its own that opens connections, says what makes sessions of them, and holds them
 * until its input ends: so that nothing of the clients is counted.
 *
 * <p>Arguments: port, number of connections, what to say in hexadecimal digits.
 */
final class IdleClients {
  private IdleClients() {}

  public static void main(String[] args) throws IOException {
    InetSocketAddress server =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]));
    byte[] hello = HexFormat.of().parseHex(args[2]);
    int count = Integer.parseInt(args[1]);
    List<SocketChannel> held = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      held.add(open(server, hello));
    }
    while (System.in.read() >= 0) {
      // The end of the input is the end of all connections.
    }
    for (SocketChannel channel : held) {
      channel.close();
    }
  }

  /** Waits for an answer, so that the server's backlog is never full. */
  private static SocketChannel open(InetSocketAddress server, byte[] hello) throws IOException {
    SocketChannel channel = SocketChannel.open(server);
    channel.write(ByteBuffer.wrap(hello));
    if (channel.read(ByteBuffer.allocate(1)) != 1) {
      throw new ProtocolException("the server has closed the connection");
    }
    return channel;
  }
}

package io.modelcontrol.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;

/**
 * Stands between a client and a server of TLS 1.3, and reads from the ServerHello, which is not
 * encrypted, what the two have agreed on: evidence that depends on no engine. RFC 8446, 4.1.3.
 */
public final class HelloRecorder implements AutoCloseable {
  private static final int RECORD_HEADER = 5;
  private static final int RANDOM = 32;
  private static final int KEY_SHARE = 51;
  private static final int HANDSHAKE_HEADER = 4;

  private final ServerSocket listener;
  private final int target;
  private final ByteArrayOutputStream fromServer = new ByteArrayOutputStream();

  public HelloRecorder(int target) throws IOException {
    this.target = target;
    this.listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    start(this::serve);
  }

  public int port() {
    return listener.getLocalPort();
  }

  private void serve() {
    try {
      Socket client = listener.accept();
      Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
      start(() -> copy(client, server, null));
      copy(server, client, fromServer);
    } catch (IOException e) {
      // Closed: the test has what it wants.
    }
  }

  private static void copy(Socket from, Socket to, ByteArrayOutputStream recordOrNull) {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[8192];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        if (recordOrNull != null) {
          recordOrNull.write(buffer, 0, n);
        }
        out.write(buffer, 0, n);
      }
    } catch (IOException e) {
      // One end has closed; the other one is, too, now.
    }
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "hello-recorder");
    thread.setDaemon(true);
    thread.start();
  }

  /** The key exchange group that the server has chosen, as in the IANA registry. */
  public int group() {
    ByteBuffer hello = ByteBuffer.wrap(fromServer.toByteArray());
    hello.position(RECORD_HEADER + HANDSHAKE_HEADER + Short.BYTES + RANDOM);
    skip(hello, hello.get() & 0xFF);
    skip(hello, Short.BYTES + 1);
    int end = hello.getShort() + hello.position();
    while (hello.position() < end) {
      int type = hello.getShort();
      int length = hello.getShort();
      if (type == KEY_SHARE) {
        return hello.getShort() & 0xFFFF;
      }
      skip(hello, length);
    }
    throw new AssertionError("the ServerHello has no key share");
  }

  private static void skip(ByteBuffer bytes, int count) {
    bytes.position(bytes.position() + count);
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}

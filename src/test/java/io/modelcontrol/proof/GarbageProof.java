package io.modelcontrol.proof;

import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.server.McpServer;
import io.modelcontrol.server.McpServerOptions;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bytes that are no MCP, thrown at the port: each connection is closed in time, what does not speak
 * MCP without a reply, and a session that behaves notices nothing.
 */
public final class GarbageProof implements Proof {
  private static final int DEFAULT_COUNT = 2_000;
  private static final int ATTACKERS = 8;
  private static final int SLOW_SHARE = 20;

  /** What is wrong at first sight is closed within a second; the rest is for a busy machine. */
  private static final int AT_ONCE_MS = 3_000;

  /** What is silent or unfinished is closed when the time of the handshake, 10 s, is over. */
  private static final int HANDSHAKE_MS = 13_000;

  @Override
  public String run(ProofArgs args) throws Exception {
    int count = args.countOr(DEFAULT_COUNT);
    Vertx vertx = Vertx.vertx();
    try {
      McpServer server = McpServer.create(vertx, new McpServerOptions().setPort(0));
      server.listen().await(10, TimeUnit.SECONDS);
      Bystander bystander = new Bystander(vertx, server.actualPort());
      Garbage garbage = new Garbage(new Random(args.seed()));
      List<Socket> slow = openSlow(server.actualPort(), garbage, Math.max(4, count / SLOW_SHARE));
      long slowestMs = throwAll(server.actualPort(), garbage, count);
      for (Socket socket : slow) {
        awaitEnd(socket, HANDSHAKE_MS, true);
      }
      int answered = bystander.stop();
      Waiting.until(() -> server.sessionCount() == 0, "sessions to end");
      return String.format(
          Locale.ROOT,
          "%d connections with garbage closed, the slowest after %d ms; %d silent or unfinished"
              + " ones closed within %d ms; 0 sessions left; a bystander had %d answers, 0 failures",
          count,
          slowestMs,
          slow.size(),
          HANDSHAKE_MS,
          answered);
    } finally {
      vertx.close().await(30, TimeUnit.SECONDS);
    }
  }

  private static long throwAll(int port, Garbage garbage, int count) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(ATTACKERS);
    try {
      List<Future<Long>> closes = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        Garbage.Shot shot = garbage.judgedAtOnce(i);
        closes.add(threads.submit(() -> attack(port, shot)));
      }
      long slowest = 0;
      for (Future<Long> close : closes) {
        slowest = Math.max(slowest, close.get());
      }
      return slowest;
    } finally {
      threads.shutdownNow();
    }
  }

  /** Milliseconds from the shot to the end of the connection. */
  private static long attack(int port, Garbage.Shot shot) throws IOException {
    try (Socket socket = open(port)) {
      long start = System.nanoTime();
      send(socket, shot.bytes());
      int replied = awaitEnd(socket, AT_ONCE_MS, shot.speaksMcp());
      if (!shot.speaksMcp() && replied > 0) {
        throw new AssertionError(shot.name() + " got a reply of " + replied + " bytes");
      }
      return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    } catch (IOException e) {
      throw new AssertionError(shot.name() + " was not closed in time", e);
    }
  }

  private static List<Socket> openSlow(int port, Garbage garbage, int count) throws IOException {
    List<Socket> sockets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Socket socket = open(port);
      send(socket, garbage.unfinished(i));
      sockets.add(socket);
    }
    return sockets;
  }

  private static Socket open(int port) throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), port);
  }

  /** The server may close while we still send: that is the point. */
  private static void send(Socket socket, byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
    } catch (IOException closedAlready) {
      assert closedAlready.getMessage() != null;
    }
  }

  /** Reads until the server closes; returns how many bytes it said. */
  private static int awaitEnd(Socket socket, int limitMs, boolean mayReply) throws IOException {
    socket.setSoTimeout(limitMs);
    int said = 0;
    try {
      byte[] buffer = new byte[1024];
      int read;
      while ((read = socket.getInputStream().read(buffer)) >= 0) {
        said += read;
      }
    } catch (SocketException reset) {
      assert reset.getMessage() != null;
    }
    socket.close();
    return mayReply ? 0 : said;
  }

  /** A session that pings all the while; any failure of it fails the proof. */
  private static final class Bystander {
    private final McpClient client;
    private final AtomicInteger answered = new AtomicInteger();
    private volatile boolean stopped;
    private volatile Throwable failure;

    Bystander(Vertx vertx, int port) throws Exception {
      client = McpClient.create(vertx, new McpClientOptions().setPort(port));
      client.connect().await(10, TimeUnit.SECONDS);
      next(vertx);
    }

    private void next(Vertx vertx) {
      client
          .ping()
          .onComplete(
              nanos -> {
                answered.incrementAndGet();
                if (!stopped) {
                  vertx.setTimer(50, id -> next(vertx));
                }
              },
              error -> failure = error);
    }

    int stop() throws Exception {
      stopped = true;
      if (failure != null) {
        throw new AssertionError("a well-behaved session failed", failure);
      }
      client.close().await(10, TimeUnit.SECONDS);
      return answered.get();
    }
  }
}

package io.modelcontrol.cli;

import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A connected client for the time of one command, called from the thread of the command. */
final class Remote implements AutoCloseable {
  private static final long CLOSE_SECONDS = 5;

  private final Vertx vertx;
  private final McpClient client;

  private Remote(Vertx vertx, McpClient client) {
    this.vertx = vertx;
    this.client = client;
  }

  /**
   * Connects.
   *
   * @throws io.modelcontrol.McpException if it cannot be reached
   */
  static Remote connect(McpClientOptions options) {
    Vertx vertx = smallVertx();
    Remote remote = new Remote(vertx, McpClient.create(vertx, options));
    try {
      remote.client.connect().await();
      return remote;
    } catch (RuntimeException e) {
      remote.close();
      throw e;
    }
  }

  private static Vertx smallVertx() {
    return Vertx.vertx(
        new VertxOptions()
            .setEventLoopPoolSize(1)
            .setWorkerPoolSize(2)
            .setFileSystemOptions(
                new FileSystemOptions()
                    .setFileCachingEnabled(false)
                    .setClassPathResolvingEnabled(false)));
  }

  McpClient client() {
    return client;
  }

  @Override
  public void close() {
    try {
      // One after the other: a chain of both would end on an event loop that has ended by then.
      client.close().await(CLOSE_SECONDS, TimeUnit.SECONDS);
      vertx.close().await(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      // What was asked is done and printed; the process, or the test, ends without it.
      vertx.close();
    }
  }
}

package io.modelcontrol.cli;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.vertx.core.Future;
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
   * @throws UsageException if the server is no URI
   * @throws McpException if it cannot be reached
   */
  static Remote connect(String server) {
    McpClientOptions options;
    try {
      options = McpClientOptions.fromUri(server);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage(), e);
    }
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

  /**
   * Waits for an answer, at most so long; the client has its own, typed timeout below it.
   *
   * @throws McpException what the future failed with, or DEADLINE_EXCEEDED
   */
  static <T> T await(Future<T> future, long timeoutMs) {
    try {
      return future.await(timeoutMs, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw McpException.streamError(
          ErrorCode.DEADLINE_EXCEEDED, "no answer within " + timeoutMs + " ms", e);
    }
  }

  @Override
  public void close() {
    try {
      client.close().eventually(vertx::close).await(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      // The process ends in any case; what the command has printed stands.
      Thread.yield();
    }
  }
}

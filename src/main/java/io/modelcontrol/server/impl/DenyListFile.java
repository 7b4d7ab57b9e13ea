package io.modelcontrol.server.impl;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.auth.DenyList;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.logging.Logger;
import io.vertx.core.internal.logging.LoggerFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Keeps a {@link DenyList} like its file; what cannot be read leaves the list as it is. */
final class DenyListFile {
  private static final Logger LOG = LoggerFactory.getLogger(DenyListFile.class);

  private final Vertx vertx;
  private final Path file;
  private final DenyList list;
  private final Runnable changed;
  private List<String> last = List.of();
  private boolean broken;
  private long timer = -1;

  /**
   * @param changed called after each change, on any thread
   */
  DenyListFile(Vertx vertx, String file, DenyList list, Runnable changed) {
    this.vertx = vertx;
    this.file = Path.of(file);
    this.list = list;
    this.changed = changed;
  }

  /** Reads it for the first time; fails if it cannot be read. */
  Future<Void> start(int everyMs) {
    return vertx
        .<Void>executeBlocking(
            () -> {
              try {
                read();
              } catch (IOException e) {
                throw McpException.streamError(
                    ErrorCode.INVALID_ARGUMENT, "auth: denyListFile cannot be read", e);
              }
              return null;
            })
        .onSuccess(v -> timer = vertx.setPeriodic(everyMs, id -> lookAgain()));
  }

  private void lookAgain() {
    vertx.executeBlocking(
        () -> {
          try {
            read();
            broken = false;
          } catch (IOException e) {
            if (!broken) {
              LOG.error("auth: denyListFile cannot be read, the list from before is kept");
            }
            broken = true;
          }
          return null;
        });
  }

  private synchronized void read() throws IOException {
    List<String> lines = Files.readAllLines(file);
    if (!lines.equals(last)) {
      last = lines;
      list.replace(lines);
      LOG.info("auth: " + list.size() + " identities or certificates are on the deny list");
      changed.run();
    }
  }

  void stop() {
    if (timer >= 0) {
      vertx.cancelTimer(timer);
    }
  }
}

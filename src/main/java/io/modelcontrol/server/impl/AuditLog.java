package io.modelcontrol.server.impl;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.auth.AuditChain;
import io.modelcontrol.auth.AuditEntry;
import io.vertx.core.internal.logging.Logger;
import io.vertx.core.internal.logging.LoggerFactory;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Appends entries to a file, chained by hash and forced to the disk, on a thread of its own. Event
 * loops only put them in a queue; what does not fit there is counted, and the count is an entry.
 */
final class AuditLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);
  private static final int MAX_QUEUED = 10_000;
  private static final long JOIN_MS = 5_000;

  /**
   * An interrupt would close the file in the middle of a line; this empty entry ends the thread.
   */
  private static final JsonObject END = new JsonObject();

  private final BlockingQueue<JsonObject> queue = new ArrayBlockingQueue<>(MAX_QUEUED);
  private final AtomicLong lost = new AtomicLong();
  private final Runnable onLost;
  private final FileChannel file;
  private final AuditChain chain;
  private final Thread writer;

  /**
   * Goes on with a file, or begins it. Blocks.
   *
   * @throws McpException INVALID_ARGUMENT if it cannot be written, or is not whole
   */
  AuditLog(String path, Runnable onLost) {
    this.onLost = onLost;
    try {
      Path target = Path.of(path);
      chain = chainOf(target);
      file =
          FileChannel.open(
              target,
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw McpException.streamError(
          ErrorCode.INVALID_ARGUMENT, "auth: auditFile cannot be written", e);
    }
    writer = new Thread(this::write, "mcp-audit");
    writer.setDaemon(true);
    writer.start();
  }

  private static AuditChain chainOf(Path target) throws IOException {
    AuditChain chain = new AuditChain(AuditChain.START, 0);
    if (!Files.exists(target)) {
      return chain;
    }
    cutTornLine(target);
    try (BufferedReader lines = Files.newBufferedReader(target)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!chain.follows(line)) {
          throw McpException.streamError(
              ErrorCode.INVALID_ARGUMENT,
              "auth: line "
                  + (chain.lines() + 1)
                  + " of auditFile was changed, or others before it; see 'modelctl audit verify',"
                  + " keep the file, and begin another");
        }
      }
    }
    return chain;
  }

  /** A crash may have left the beginning of a line, which nobody was promised. */
  private static void cutTornLine(Path target) throws IOException {
    try (FileChannel whole =
        FileChannel.open(target, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer last = ByteBuffer.allocate(1);
      long end = whole.size();
      while (end > 0 && whole.read(last.clear(), end - 1) == 1 && last.get(0) != '\n') {
        end--;
      }
      whole.truncate(end);
    }
  }

  /** Notes an entry; from any thread, without waiting. */
  void add(AuditEntry entry) {
    JsonObject json = new JsonObject().put("time", Instant.now().toString());
    put(json, "who", entry.who());
    put(json, "what", entry.what());
    put(json, "model", entry.model());
    put(json, "version", entry.version());
    put(json, "sha256", entry.digest());
    put(json, "outcome", entry.outcome());
    if (!queue.offer(json)) {
      lost.incrementAndGet();
      onLost.run();
    }
  }

  private static void put(JsonObject json, String key, String valueOrNull) {
    if (valueOrNull != null) {
      json.put(key, valueOrNull);
    }
  }

  private void write() {
    List<JsonObject> batch = new ArrayList<>();
    boolean ended = false;
    while (!ended) {
      try {
        batch.add(queue.take());
      } catch (InterruptedException e) {
        ended = true;
      }
      queue.drainTo(batch);
      ended |= batch.removeIf(JsonObject::isEmpty);
      append(batch);
      batch.clear();
    }
  }

  private void append(List<JsonObject> batch) {
    if (batch.isEmpty()) {
      return;
    }
    long missing = lost.getAndSet(0);
    if (missing > 0) {
      batch.add(new JsonObject().put("what", "LOST").put("count", missing));
    }
    StringBuilder text = new StringBuilder();
    batch.forEach(entry -> text.append(chain.append(entry.encode())).append('\n'));
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(text.toString());
    try {
      while (bytes.hasRemaining()) {
        file.write(bytes);
      }
      file.force(false);
    } catch (IOException e) {
      LOG.error("auth: the audit log cannot be written", e);
    }
  }

  @Override
  public void close() {
    try {
      queue.put(END);
      writer.join(JOIN_MS);
      file.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      LOG.warn("auth: the audit log cannot be closed", e);
    }
  }
}

package io.modelcontrol.runtime.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Models as ONNX Runtime has optimized them. Most of the work of a load is to optimize the graph,
 * with the same outcome for the same content: so contents that are loaded for the second time have
 * it written to a file, and those that come again are loaded from that. The files are of this
 * process and this machine, and go with the process. Thread-safe.
 */
final class PreparedModels {
  /** Larger contents are optimized each time: writing them takes longer than it saves. */
  static final long MAX_CONTENT_BYTES = 64L << 20;

  /** All files together; the one that was used longest ago goes first. */
  static final long MAX_BYTES = 256L << 20;

  /** Contents that are remembered. */
  private static final int MAX_CONTENTS = 1_000;

  /** What optimizing computes in advance may grow a content by so much, or it is not kept. */
  private static final int MAX_GROWTH = 4;

  private static final Logger LOG = LoggerFactory.getLogger(PreparedModels.class);

  /** A file that nobody changes; if somebody does, it is another content. */
  private record Content(Path path, long bytes, FileTime changed) {}

  private enum State {
    LOADED_ONCE,
    BEING_PREPARED,
    PREPARED,
    NOT_TO_BE_PREPARED
  }

  /**
   * What was written.
   *
   * @param edges the inputs and outputs of the content, as ONNX Runtime tells of them
   */
  private record Prepared(Path file, long bytes, String edges) {}

  private static final class Entry {
    State state = State.LOADED_ONCE;
    Prepared prepared;
  }

  private final long maxBytes;
  private final Map<Content, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
  private Path folder;

  PreparedModels() {
    this(MAX_BYTES);
  }

  PreparedModels(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /**
   * A session of a model that the scanner has let pass.
   *
   * @param threads that work on one operator
   * @param options of a session on the CPU with so many threads; changed
   * @throws OrtException if ONNX Runtime refuses the content
   */
  OrtSession open(
      OrtEnvironment environment, Path path, int threads, OrtSession.SessionOptions options)
      throws OrtException, IOException {
    Content content =
        new Content(path.toAbsolutePath(), Files.size(path), Files.getLastModifiedTime(path));
    if (content.bytes() > MAX_CONTENT_BYTES) {
      return environment.createSession(path.toString(), options);
    }
    OrtSession prepared = openPrepared(environment, content, threads);
    if (prepared != null) {
      return prepared;
    }
    return isToBePrepared(content)
        ? prepare(environment, content, options)
        : environment.createSession(path.toString(), options);
  }

  /** Null if there is none, or none that is used as the content is. */
  private OrtSession openPrepared(OrtEnvironment environment, Content content, int threads)
      throws OrtException {
    Prepared prepared = prepared(content);
    if (prepared == null) {
      return null;
    }
    try (OrtSession.SessionOptions options = SessionSettings.forPrepared(threads)) {
      OrtSession session = environment.createSession(prepared.file().toString(), options);
      if (edges(session).equals(prepared.edges())) {
        return session;
      }
      // An initializer that was optimized away is an input that has to be given.
      session.close();
    } catch (OrtException e) {
      LOG.debug("A prepared model cannot be loaded", e);
    }
    drop(content);
    return null;
  }

  private static String edges(OrtSession session) throws OrtException {
    return session.getInputInfo() + " " + session.getOutputInfo();
  }

  /** What is prepared now, in no order. */
  synchronized List<Path> files() {
    return prepared().map(Prepared::file).toList();
  }

  private Stream<Prepared> prepared() {
    return entries.values().stream().map(entry -> entry.prepared).filter(Objects::nonNull);
  }

  /** Null if there is none. */
  private synchronized Prepared prepared(Content content) {
    Entry entry = entries.get(content);
    return entry == null ? null : entry.prepared;
  }

  private synchronized boolean isToBePrepared(Content content) {
    Entry entry = entries.get(content);
    if (entry == null) {
      entries.put(content, new Entry());
      shrink();
      return false;
    }
    if (entry.state != State.LOADED_ONCE) {
      return false;
    }
    entry.state = State.BEING_PREPARED;
    return true;
  }

  private OrtSession prepare(
      OrtEnvironment environment, Content content, OrtSession.SessionOptions options)
      throws OrtException, IOException {
    Path file = newFile();
    try {
      options.setOptimizedModelFilePath(file.toString());
      OrtSession session = environment.createSession(content.path().toString(), options);
      keep(content, file, edges(session));
      return session;
    } catch (OrtException e) {
      // Not all that can be executed can be written.
      LOG.debug("A model cannot be prepared", e);
      drop(content);
      Files.deleteIfExists(file);
      options.setOptimizedModelFilePath("");
      return environment.createSession(content.path().toString(), options);
    }
  }

  private synchronized Path newFile() throws IOException {
    if (folder == null) {
      folder = Files.createTempDirectory("mcp-prepared-");
      folder.toFile().deleteOnExit();
    }
    Path file = Files.createTempFile(folder, "", ".ort");
    file.toFile().deleteOnExit();
    return file;
  }

  private synchronized void keep(Content content, Path file, String edges) throws IOException {
    long bytes = Files.size(file);
    Entry entry = entries.get(content);
    if (entry == null || bytes == 0 || bytes > MAX_GROWTH * content.bytes() + (1 << 20)) {
      drop(content);
      Files.delete(file);
      return;
    }
    entry.state = State.PREPARED;
    entry.prepared = new Prepared(file, bytes, edges);
    shrink();
  }

  private synchronized void drop(Content content) {
    Entry entry = entries.get(content);
    if (entry != null) {
      forget(entry);
      entry.state = State.NOT_TO_BE_PREPARED;
    }
  }

  private void shrink() {
    List<Content> oldest = new ArrayList<>(entries.keySet());
    for (int i = 0; i < oldest.size() && isTooMuch(); i++) {
      forget(entries.remove(oldest.get(i)));
    }
  }

  private boolean isTooMuch() {
    long bytes = prepared().mapToLong(Prepared::bytes).sum();
    return bytes > maxBytes || entries.size() > MAX_CONTENTS;
  }

  private static void forget(Entry entry) {
    if (entry.prepared != null) {
      try {
        Files.deleteIfExists(entry.prepared.file());
      } catch (IOException e) {
        LOG.debug("A prepared model stays until this process ends", e);
      }
      entry.prepared = null;
    }
  }
}

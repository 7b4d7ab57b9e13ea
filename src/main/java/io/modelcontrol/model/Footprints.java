package io.modelcontrol.model;

import io.modelcontrol.Digest;
import io.modelcontrol.McpException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.zip.CRC32;

/**
 * How much memory each content took when it was loaded, kept over restarts in the file {@code
 * footprints} beside the contents:
 *
 * <pre>
 * mcp-footprints 1
 * SHA256 BYTES
 * end COUNT CRC32
 * </pre>
 *
 * <p>A convenience: where the file is missing or damaged, sizes are estimated again until they are
 * measured again. Safe for use by several threads. {@link #open} and {@link #put} block: worker
 * threads only.
 */
public final class Footprints {
  /** The contents that were loaded longest ago are forgotten beyond this. */
  static final int MAX_ENTRIES = 10_000;

  private static final String FILE = "footprints";
  private static final String HEAD = "mcp-footprints 1";
  private static final String END = "end ";

  /** A line has a digest, a number and three more characters. */
  private static final long MAX_FILE_BYTES = (MAX_ENTRIES + 2) * 100L;

  private final Path file;
  private final StoreFiles files;
  private final Map<Digest, Long> bytes;

  private Footprints(Path file, StoreFiles files, Map<Digest, Long> bytes) {
    this.file = file;
    this.files = files;
    this.bytes = bytes;
  }

  /** Reads the file in a directory, such as that of the {@link ModelStore}, if it is whole. */
  public static Footprints open(Path directory) {
    return open(directory, new StoreFiles());
  }

  static Footprints open(Path directory, StoreFiles files) {
    Path file = directory.resolve(FILE);
    return new Footprints(file, files, read(file));
  }

  private static Map<Digest, Long> read(Path file) {
    try {
      if (Files.exists(file) && Files.size(file) <= MAX_FILE_BYTES) {
        return parse(Files.readAllLines(file, StandardCharsets.ISO_8859_1));
      }
    } catch (IOException | McpException | IllegalArgumentException e) {
      // Measured again when it is loaded again.
      return new LinkedHashMap<>();
    }
    return new LinkedHashMap<>();
  }

  private static Map<Digest, Long> parse(List<String> lines) {
    int last = lines.size() - 1;
    if (last < 1 || !lines.get(last).equals(end(lines.subList(0, last)))) {
      throw new IllegalArgumentException("the last line does not match those before it");
    }
    Map<Digest, Long> bytes = new LinkedHashMap<>();
    for (String line : lines.subList(1, last)) {
      String[] words = line.split(" ", 2);
      bytes.put(Digest.ofHex(words[0]), Long.parseLong(words[1]));
    }
    return bytes;
  }

  private static String end(List<String> lines) {
    CRC32 crc = new CRC32();
    lines.forEach(line -> crc.update((line + "\n").getBytes(StandardCharsets.ISO_8859_1)));
    return END + (lines.size() - 1) + " " + String.format("%08x", crc.getValue());
  }

  /** What a content took; empty if it was not measured yet. */
  public synchronized OptionalLong of(Digest digest) {
    Long known = bytes.get(digest);
    return known == null ? OptionalLong.empty() : OptionalLong.of(known);
  }

  /**
   * A content was measured. The largest figure counts: memory that another model has freed before
   * is taken without any growth.
   *
   * @throws McpException RESOURCE_EXHAUSTED or RUNTIME_FAILURE if the disk refuses
   */
  public synchronized void put(Digest digest, long measuredBytes) {
    long before = bytes.getOrDefault(digest, -1L);
    if (measuredBytes <= before) {
      return;
    }
    bytes.remove(digest);
    bytes.put(digest, measuredBytes);
    if (bytes.size() > MAX_ENTRIES) {
      bytes.remove(bytes.keySet().iterator().next());
    }
    save();
  }

  private void save() {
    List<String> lines = new ArrayList<>();
    lines.add(HEAD);
    bytes.forEach((digest, size) -> lines.add(digest.hex() + " " + size));
    lines.add(end(lines));
    String text = String.join("\n", lines) + "\n";
    try {
      files.replace(file, text.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw StoreFiles.failure("the footprints of models cannot be written", e);
    }
  }
}

package io.modelcontrol.model;

import io.modelcontrol.Digest;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelId;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * A folder that others write models into: {@code MODEL/VERSION/model.onnx}, with {@code model.yaml}
 * and {@code model.sig} beside it if they are needed. A version is a whole number. Symbolic links
 * count as what they lead to, as long as that is in the folder. All methods block: worker threads
 * only.
 */
public final class WatchedFolder {
  private static final String CONTENT = "model.onnx";
  private static final String PARAMETERS = "model.yaml";
  private static final String SIGNATURE = "model.sig";

  /** Eighteen digits fit a long; leading zeros would give one version several names. */
  private static final Pattern VERSION = Pattern.compile("0|[1-9][0-9]{0,17}");

  /** Far above what a node serves; further entries are not looked at. */
  private static final int MAX_ENTRIES = 10_000;

  private static final int READ_BYTES = 256 * 1024;

  /** By what it is seen that a file has changed. */
  private record FileStamp(long size, long modifiedNanos, Object key) {}

  /**
   * A version that lies in the folder at this moment.
   *
   * @param stamp equal to that of an earlier look if none of its files has changed since
   */
  public record Version(ModelId id, Path folder, Object stamp) {
    /** For the order of versions. */
    public long number() {
      return Long.parseLong(id.version());
    }
  }

  private final Path root;

  /** A folder, which may come into being later. */
  public WatchedFolder(Path root) {
    this.root = root;
  }

  /**
   * Looks.
   *
   * @return the versions with a content, by name and number
   * @throws IOException if the folder cannot be read; nothing is known then
   */
  public List<Version> look() throws IOException {
    Path real = root.toRealPath();
    List<Version> versions = new ArrayList<>();
    for (Path model : folders(real, real)) {
      for (Path version : folders(real, model)) {
        add(real, model, version, versions);
      }
    }
    return versions;
  }

  private static List<Path> folders(Path real, Path parent) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent)) {
      for (Path entry : entries) {
        if (found.size() < MAX_ENTRIES && isInside(real, entry) && Files.isDirectory(entry)) {
          found.add(entry);
        }
      }
    }
    found.sort(null);
    return found;
  }

  private static void add(Path real, Path model, Path version, List<Version> versions) {
    String number = version.getFileName().toString();
    if (!VERSION.matcher(number).matches()) {
      return;
    }
    try {
      Map<String, FileStamp> stamps = new TreeMap<>();
      for (String name : List.of(CONTENT, PARAMETERS, SIGNATURE)) {
        Path file = version.resolve(name);
        if (Files.exists(file) && isInside(real, file)) {
          stamps.put(name, stamp(file));
        }
      }
      if (stamps.containsKey(CONTENT)) {
        ModelId id = new ModelId(model.getFileName().toString(), number);
        versions.add(new Version(id, version, stamps));
      }
    } catch (IOException | McpException e) {
      // It is being changed, or has a name that no model can have: it is not there.
      return;
    }
  }

  private static FileStamp stamp(Path file) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    return new FileStamp(
        attributes.size(),
        attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS),
        attributes.fileKey());
  }

  private static boolean isInside(Path real, Path file) {
    try {
      return file.toRealPath().startsWith(real);
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * The digest of a version's content as it is now.
   *
   * @throws IOException if it cannot be read
   */
  public static Digest digest(Version version) throws IOException {
    MessageDigest hash = Digest.hash();
    byte[] buffer = new byte[READ_BYTES];
    try (InputStream in = Files.newInputStream(version.folder().resolve(CONTENT))) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        hash.update(buffer, 0, read);
      }
    }
    return Digest.of(hash.digest());
  }

  /**
   * Copies a version's content into the store, if it is not there.
   *
   * @throws McpException MODEL_DIGEST_MISMATCH if it has changed since it was hashed
   * @throws IOException if it cannot be read
   */
  public static void copy(Version version, Digest digest, ModelStore store) throws IOException {
    if (store.has(digest)) {
      return;
    }
    Path content = version.folder().resolve(CONTENT);
    try (FileChannel in = FileChannel.open(content);
        ModelStore.Upload upload = store.begin(digest, in.size())) {
      in.position(upload.offset());
      ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
      while (in.read(buffer) >= 0) {
        upload.write(buffer.flip());
        buffer.clear();
      }
      upload.commit();
    }
  }

  /**
   * The load parameters of a version.
   *
   * @throws IllegalArgumentException naming the line, if the file is not what it should be
   * @throws IOException if it cannot be read
   */
  public static Map<String, String> parameters(Version version) throws IOException {
    Path file = version.folder().resolve(PARAMETERS);
    return Files.exists(file) ? ModelYaml.parse(bounded(file, ModelYaml.MAX_BYTES)) : Map.of();
  }

  /**
   * The signature of a version; {@code null} if it has none.
   *
   * @throws IOException if it cannot be read
   */
  public static String signature(Version version) throws IOException {
    Path file = version.folder().resolve(SIGNATURE);
    return Files.exists(file)
        ? new String(bounded(file, SignatureBundle.MAX_BYTES), StandardCharsets.UTF_8)
        : null;
  }

  /** One byte more than is allowed shows that it is too much. */
  private static byte[] bounded(Path file, int maxBytes) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(maxBytes + 1);
    }
  }
}

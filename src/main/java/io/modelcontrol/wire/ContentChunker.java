package io.modelcontrol.wire;

import io.modelcontrol.Digest;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/**
 * Cuts content into chunks where the content itself says so (FastCDC with normalised chunking), so
 * that what two contents share is cut alike in both, wherever it stands. Specification, "Chunks".
 *
 * <p>A rolling hash over the last 64 bytes decides: a chunk ends where its topmost bits are zero,
 * {@value #EARLY_BITS} of them before the chunk has its average size and {@value #LATE_BITS} from
 * there on. Takes the content in any pieces; the chunks are the same.
 */
public final class ContentChunker {
  /** No chunk but the last one is smaller; bounds what a list of them can take. */
  public static final int MIN_BYTES = 4 * 1024;

  /** Where the rule changes; chunks are somewhat larger than this in the mean. */
  public static final int AVERAGE_BYTES = 16 * 1024;

  /** A chunk ends here at the latest: it is what is read, and hashed, at once. */
  public static final int MAX_BYTES = 64 * 1024;

  /** Two bits more than the average size asks for. */
  static final int EARLY_BITS = 16;

  /** Two bits fewer than the average size asks for. */
  static final int LATE_BITS = 12;

  private final long[] gear = GearTable.get();
  private final MessageDigest sha256 = Digest.hash();
  private final ChunkList.Builder chunks = new ChunkList.Builder();
  private long hash;
  private int length;

  /** The next bytes of the content; all that remain are taken. */
  public void add(ByteBuffer content) {
    byte[] bytes = new byte[content.remaining()];
    content.get(bytes);
    int from = 0;
    while (from < bytes.length) {
      int end = cut(bytes, from);
      sha256.update(bytes, from, Math.abs(end) - from);
      if (end > 0) {
        close();
      }
      from = Math.abs(end);
    }
  }

  /** The end of the content: its chunks. */
  public ChunkList finish() {
    if (length > 0) {
      close();
    }
    return chunks.build();
  }

  /** Where the present chunk ends; the bytes' own end, negated, if it goes on behind them. */
  private int cut(byte[] bytes, int from) {
    int skipped = Math.min(bytes.length - from, Math.max(0, MIN_BYTES - length));
    length += skipped;
    for (int at = from + skipped; at < bytes.length; at++) {
      hash = (hash << 1) + gear[bytes[at] & 0xFF];
      length++;
      int zeroBits = length < AVERAGE_BYTES ? EARLY_BITS : LATE_BITS;
      if (hash >>> (Long.SIZE - zeroBits) == 0 || length == MAX_BYTES) {
        return at + 1;
      }
    }
    return -bytes.length;
  }

  private void close() {
    chunks.add(sha256.digest(), length);
    length = 0;
    hash = 0;
  }
}

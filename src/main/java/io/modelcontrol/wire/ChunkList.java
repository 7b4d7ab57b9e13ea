package io.modelcontrol.wire;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * The chunks of a content, in their order: the SHA-256 and the length of each. On the wire an entry
 * is {@code digest (32 bytes), varint length}. Specification, "Delta".
 */
public final class ChunkList {
  /** No list is longer: 9 MiB of memory. */
  public static final int MAX_CHUNKS = 256 * 1024;

  /** Larger contents are not listed: at the average size they have more chunks than a list. */
  public static final long MAX_CONTENT_BYTES = (long) MAX_CHUNKS * ContentChunker.AVERAGE_BYTES;

  /** The most bytes that an entry takes: the digest and a length of three bytes. */
  public static final int MAX_ENTRY_BYTES = Digest.LENGTH + 3;

  private final byte[] digests;
  private final int[] lengths;
  private final long[] offsets;

  private ChunkList(byte[] digests, int[] lengths) {
    this.digests = digests;
    this.lengths = lengths;
    this.offsets = new long[lengths.length + 1];
    for (int i = 0; i < lengths.length; i++) {
      offsets[i + 1] = offsets[i] + lengths[i];
    }
  }

  /** Chunks. */
  public int size() {
    return lengths.length;
  }

  /** Bytes of the whole content. */
  public long contentBytes() {
    return offsets[lengths.length];
  }

  /** Bytes of a chunk. */
  public int length(int chunk) {
    return lengths[chunk];
  }

  /** Where a chunk begins within the content; of the chunk behind the last, where it ends. */
  public long offset(int chunk) {
    return offsets[chunk];
  }

  /** The SHA-256 of a chunk. */
  public Digest digest(int chunk) {
    int from = chunk * Digest.LENGTH;
    return Digest.of(Arrays.copyOfRange(digests, from, from + Digest.LENGTH));
  }

  /** The chunk that a byte of the content belongs to. */
  public int chunkAt(long offset) {
    int found = Arrays.binarySearch(offsets, offset);
    return found >= 0 ? found : -found - 2;
  }

  /** Writes some of the entries. */
  public void write(int fromChunk, int toChunk, ByteBuf out) {
    for (int i = fromChunk; i < toChunk; i++) {
      out.writeBytes(digests, i * Digest.LENGTH, Digest.LENGTH);
      Varint.write(out, lengths[i]);
    }
  }

  /** A list that is being made, or read, entry by entry. It grows with what is added. */
  public static final class Builder {
    private static final int FIRST_CHUNKS = 64;

    private byte[] digests = new byte[FIRST_CHUNKS * Digest.LENGTH];
    private int[] lengths = new int[FIRST_CHUNKS];
    private int size;
    private long contentBytes;

    /** Bytes of the chunks so far. */
    public long contentBytes() {
      return contentBytes;
    }

    void add(byte[] digest, int length) {
      if (size == MAX_CHUNKS) {
        throw invalid("more than " + MAX_CHUNKS + " chunks");
      }
      if (size == lengths.length) {
        lengths = Arrays.copyOf(lengths, 2 * size);
        digests = Arrays.copyOf(digests, 2 * size * Digest.LENGTH);
      }
      System.arraycopy(digest, 0, digests, size * Digest.LENGTH, Digest.LENGTH);
      lengths[size++] = length;
      contentBytes += length;
    }

    /**
     * Reads whole entries up to the end of the bytes.
     *
     * @param expectedBytes of the whole content: the list is complete when its chunks have so many
     * @return whether it is complete
     * @throws McpException INVALID_ARGUMENT, for the stream, if an entry is cut off, if a chunk but
     *     the last is smaller than {@link ContentChunker#MIN_BYTES} or any is larger than {@link
     *     ContentChunker#MAX_BYTES}, if there are too many, or if they exceed the content
     */
    public boolean read(ByteBuf in, long expectedBytes) {
      byte[] digest = new byte[Digest.LENGTH];
      while (in.isReadable()) {
        if (in.readableBytes() <= Digest.LENGTH) {
          throw invalid("an entry of the chunk list is cut off");
        }
        in.readBytes(digest);
        add(digest, checked(Varint.read(in), expectedBytes - contentBytes));
      }
      return contentBytes == expectedBytes;
    }

    private static int checked(long length, long leftBytes) {
      long least = Math.min(ContentChunker.MIN_BYTES, leftBytes);
      long most = Math.min(ContentChunker.MAX_BYTES, leftBytes);
      if (length < Math.max(1, least) || length > most) {
        throw invalid(
            "a chunk of "
                + length
                + " bytes where "
                + leftBytes
                + " are left: chunks have "
                + ContentChunker.MIN_BYTES
                + " to "
                + ContentChunker.MAX_BYTES
                + ", the last one fewer");
      }
      return (int) length;
    }

    public ChunkList build() {
      return new ChunkList(
          Arrays.copyOf(digests, size * Digest.LENGTH), Arrays.copyOf(lengths, size));
    }

    private static McpException invalid(String text) {
      return McpException.streamError(ErrorCode.INVALID_ARGUMENT, text);
    }
  }
}

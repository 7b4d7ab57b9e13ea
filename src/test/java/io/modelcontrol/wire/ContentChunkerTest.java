package io.modelcontrol.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.Digest;
import io.modelcontrol.testing.Vectors;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The specification, "Chunks". */
class ContentChunkerTest {
  private static final int VECTOR_BYTES = 256 * 1024;

  /** The content of the vector: the 32-bit numbers of a linear congruential generator. */
  static byte[] vectorContent() {
    ByteBuffer content = ByteBuffer.allocate(VECTOR_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    int number = 1;
    while (content.hasRemaining()) {
      number = number * 1664525 + 1013904223;
      content.putInt(number);
    }
    return content.array();
  }

  private static ChunkList chunks(byte[] content) {
    ContentChunker chunker = new ContentChunker();
    chunker.add(ByteBuffer.wrap(content));
    return chunker.finish();
  }

  private static byte[] encoded(ChunkList chunks) {
    ByteBuf out = Unpooled.buffer();
    chunks.write(0, chunks.size(), out);
    return Arrays.copyOf(out.array(), out.readableBytes());
  }

  private static byte[] random(int bytes, long seed) {
    byte[] content = new byte[bytes];
    new Random(seed).nextBytes(content);
    return content;
  }

  @Test
  void theVectorsContentHasTheVectorsChunks() {
    assertThat(encoded(chunks(vectorContent()))).isEqualTo(Vectors.bytes("delta-chunks"));
  }

  @Test
  void theGearTableIsMadeOfSha256() throws Exception {
    MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    sha256.update("MCP gear ".getBytes(StandardCharsets.US_ASCII));
    byte[] digest = sha256.digest(new byte[] {(byte) 0xC5});
    assertThat(GearTable.get()).hasSize(256);
    assertThat(GearTable.get()[0xC5]).isEqualTo(ByteBuffer.wrap(digest).getLong());
    assertThat(Long.toHexString(GearTable.get()[0])).isEqualTo("b56f481f73229633");
  }

  @Test
  void everySplitOfTheContentGivesTheSameChunks() {
    byte[] content = random(700_000, 5);
    byte[] whole = encoded(chunks(content));
    Random random = new Random(6);
    ContentChunker chunker = new ContentChunker();
    for (int at = 0; at < content.length; ) {
      int length = Math.min(content.length - at, random.nextInt(20_000));
      chunker.add(ByteBuffer.wrap(content, at, length));
      at += length;
    }
    assertThat(encoded(chunker.finish())).isEqualTo(whole);
  }

  @Test
  void chunksCoverTheContentWithinTheirBounds() throws Exception {
    byte[] content = random(3_000_000, 7);
    ChunkList chunks = chunks(content);
    assertThat(chunks.contentBytes()).isEqualTo(content.length);
    MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    for (int i = 0; i < chunks.size(); i++) {
      int from = (int) chunks.offset(i);
      sha256.update(content, from, chunks.length(i));
      assertThat(chunks.digest(i)).isEqualTo(Digest.of(sha256.digest()));
      assertThat(chunks.length(i)).isLessThanOrEqualTo(ContentChunker.MAX_BYTES);
      assertThat(chunks.chunkAt(from)).isEqualTo(i);
      assertThat(chunks.chunkAt(from + chunks.length(i) - 1)).isEqualTo(i);
      if (i < chunks.size() - 1) {
        assertThat(chunks.length(i)).isGreaterThan(ContentChunker.MIN_BYTES);
      }
    }
    assertThat(content.length / chunks.size()).isBetween(14_000, 22_000);
  }

  @Test
  void contentOfOneValueIsCutAtTheLargestSize() {
    ChunkList chunks = chunks(new byte[200_000]);
    assertThat(chunks.length(0)).isEqualTo(ContentChunker.MAX_BYTES);
    assertThat(chunks.digest(0)).isEqualTo(chunks.digest(1));
  }

  @Test
  void bytesThatAreInsertedChangeTheChunksAroundThemOnly() {
    byte[] before = random(1_000_000, 8);
    byte[] after = new byte[before.length + 3];
    System.arraycopy(before, 0, after, 0, 500_000);
    System.arraycopy(before, 500_000, after, 500_003, before.length - 500_000);
    Set<Digest> known = digests(chunks(before));
    Set<Digest> changed = digests(chunks(after));
    changed.removeAll(known);
    assertThat(changed).hasSizeBetween(1, 3);
  }

  private static Set<Digest> digests(ChunkList chunks) {
    Set<Digest> digests = new HashSet<>();
    for (int i = 0; i < chunks.size(); i++) {
      digests.add(chunks.digest(i));
    }
    return digests;
  }

  @Test
  void emptyContentHasNoChunks() {
    assertThat(new ContentChunker().finish().size()).isZero();
  }
}

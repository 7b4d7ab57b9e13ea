package io.modelcontrol.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

/** Lists that a peer sends: the bounds of the specification, "Delta". */
class ChunkListTest {
  private final ByteBuf entries = Unpooled.buffer();
  private final ChunkList.Builder list = new ChunkList.Builder();

  private ChunkListTest entry(long length) {
    entries.writeZero(Digest.LENGTH);
    Varint.write(entries, length);
    return this;
  }

  private void isRefused(long contentBytes, String why) {
    assertThatThrownBy(() -> list.read(entries, contentBytes))
        .isInstanceOf(McpException.class)
        .hasMessageContaining(why)
        .extracting(e -> ((McpException) e).code())
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
  }

  @Test
  void isReadInPiecesOfWholeEntries() {
    entry(10_000).entry(20_000);
    assertThat(list.read(entries, 30_001)).isFalse();
    entry(1);
    assertThat(list.read(entries, 30_001)).isTrue();
    ChunkList chunks = list.build();
    assertThat(chunks.size()).isEqualTo(3);
    assertThat(chunks.offset(2)).isEqualTo(30_000);
    assertThat(chunks.chunkAt(30_000)).isEqualTo(2);
    assertThat(chunks.chunkAt(29_999)).isEqualTo(1);
  }

  @Test
  void refusesAChunkOfNoBytes() {
    entry(0).isRefused(100_000, "a chunk of 0 bytes");
  }

  @Test
  void refusesASmallChunkThatIsNotTheLast() {
    entry(ContentChunker.MIN_BYTES - 1).isRefused(100_000, "a chunk of 4095 bytes");
  }

  @Test
  void refusesALargeChunk() {
    entry(ContentChunker.MAX_BYTES + 1).isRefused(100_000, "a chunk of 65537 bytes");
  }

  @Test
  void refusesChunksThatExceedTheContent() {
    entry(10_000).entry(10_001).isRefused(20_000, "where 10000 are left");
  }

  @Test
  void refusesAChunkBehindTheContent() {
    entry(10_000).entry(1).isRefused(10_000, "where 0 are left");
  }

  @Test
  void refusesAnEntryThatIsCutOff() {
    entry(10_000);
    entries.writerIndex(Digest.LENGTH);
    isRefused(10_000, "cut off");
  }

  @Test
  void refusesTooManyChunks() {
    for (int i = 0; i <= ChunkList.MAX_CHUNKS; i++) {
      entry(ContentChunker.MIN_BYTES);
    }
    isRefused(Long.MAX_VALUE, "more than 262144 chunks");
  }
}

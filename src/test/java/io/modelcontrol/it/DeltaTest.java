package io.modelcontrol.it;

import static io.modelcontrol.testing.TestNode.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.client.UploadProgress;
import io.modelcontrol.testing.CutProxy;
import io.modelcontrol.testing.OnnxModels;
import io.modelcontrol.testing.TestNode;
import io.modelcontrol.wire.ChunkList;
import io.modelcontrol.wire.ChunkRuns;
import io.modelcontrol.wire.ContentChunker;
import io.modelcontrol.wire.DeltaParameters;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.Varint;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Contents by their chunks, over sockets: the specification, "Delta". */
@Timeout(120)
class DeltaTest {
  private static final int COLUMNS = 1024;
  private static final int TABLE_BYTES = 2 * 1024 * 1024;

  @TempDir Path store;
  private TestNode node;
  private McpClient client;
  private volatile UploadProgress progress = new UploadProgress(0, 0, 0);
  private final byte[] table = new byte[TABLE_BYTES];

  @BeforeEach
  void start() throws Exception {
    node = new TestNode(store);
    client = node.client();
    new Random(21).nextBytes(table);
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
  }

  private byte[] model() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    OnnxModels.table(table, COLUMNS).writeTo(out);
    return out.toByteArray();
  }

  /** The model with some bytes changed from here on. */
  private byte[] changed(int from, int bytes) throws Exception {
    byte[] other = new byte[bytes];
    new Random(from).nextBytes(other);
    System.arraycopy(other, 0, table, from, bytes);
    return model();
  }

  private ModelDescriptor load(String name, String version, byte[] content) throws Exception {
    return load(client, ModelUpload.of(name, version, content));
  }

  private ModelDescriptor load(McpClient by, ModelUpload upload) throws Exception {
    progress = new UploadProgress(0, 0, 0);
    return await(by.load(upload.progressHandler(now -> progress = now)));
  }

  private void isStored(byte[] content) throws Exception {
    assertThat(Files.readAllBytes(store.resolve("blobs").resolve(digest(content).hex())))
        .isEqualTo(content);
  }

  private static Digest digest(byte[] content) throws Exception {
    return Digest.of(MessageDigest.getInstance("SHA-256").digest(content));
  }

  private void nothingIsUnderWay() {
    Awaitility.await()
        .untilAsserted(
            () -> {
              try (Stream<Path> parts = Files.list(store.resolve("uploads"))) {
                assertThat(parts).isEmpty();
              }
            });
  }

  @Test
  void onlyChunksThatTheServerLacksAreSent() throws Exception {
    load("table", "1", model());
    byte[] next = changed(1_000_000, 100_000);
    ModelDescriptor loaded = load("table", "2", next);
    assertThat(loaded.parameters()).doesNotContainKey(DeltaParameters.DELTA);
    assertThat(progress.sentBytes()).isBetween(100_000L, 200_000L);
    assertThat(progress.receivedBytes()).isGreaterThan(1_000_000);
    isStored(next);
  }

  @Test
  void aContentOfChunksThatAreAllThereIsNotSentAtAll() throws Exception {
    byte[] whole = model();
    load("table", "1", whole);
    // Two versions, each of which has a half of the third.
    byte[] before = table.clone();
    load("table", "2", changed(0, TABLE_BYTES));
    System.arraycopy(before, 0, table, 0, TABLE_BYTES / 2);
    byte[] joined = model();
    load("table", "3", joined);
    assertThat(progress.sentBytes()).isBetween(1L, 128L * 1024);
    isStored(joined);
  }

  @Test
  void aVersionOfAnotherNameIsNoBase() throws Exception {
    load("table", "1", model());
    byte[] next = changed(1_000_000, 100);
    load("other", "1", next);
    assertThat(progress.sentBytes()).isEqualTo(next.length);
  }

  @Test
  void aClientThatDoesNotWantItSendsAll() throws Exception {
    load("table", "1", model());
    byte[] next = changed(1_000_000, 100);
    load(client, ModelUpload.of("table", "2", next).delta(false));
    assertThat(progress.sentBytes()).isEqualTo(next.length);
  }

  @Test
  void aBaseThatIsDamagedIsNotCopied() throws Exception {
    byte[] base = model();
    load("table", "1", base);
    load("table", "2", changed(500_000, 10));
    try (RandomAccessFile blob =
        new RandomAccessFile(store.resolve("blobs").resolve(digest(base).hex()).toFile(), "rw")) {
      blob.seek(1_500_000);
      blob.write(~base[1_500_000]);
    }
    try (RandomAccessFile blob =
        new RandomAccessFile(
            store.resolve("blobs").resolve(digest(model()).hex()).toFile(), "rw")) {
      blob.seek(1_500_000);
      blob.write(~base[1_500_000]);
    }
    byte[] next = changed(100, 10);
    load("table", "3", next);
    assertThat(progress.sentBytes()).isLessThan(next.length);
    isStored(next);
  }

  @Test
  void goesOnWhereItWasCut() throws Exception {
    load("table", "1", model());
    byte[] next = changed(200_000, 1_200_000);
    CutProxy network = new CutProxy(node.vertx(), node.port());
    int port = await(network.start());
    McpClient weak = McpClient.create(node.vertx(), new McpClientOptions().setPort(port));
    await(weak.connect());
    network.cutAfter(700_000);
    load(weak, ModelUpload.of("table", "2", next));
    isStored(next);
    assertThat(network.cuts()).isEqualTo(1);
    assertThat(network.bytesFromClients()).isLessThan(next.length);
    await(weak.close());
    await(network.close());
  }

  private RawExchange begin(byte[] content) throws Exception {
    RawExchange exchange =
        await(client.stream().map(opened -> new RawExchange(opened, Vertx.currentContext())));
    exchange.write(
        Message.of(MessageType.MODEL_LOAD_REQ)
            .modelName("table")
            .modelVersion("2")
            .digest(digest(content))
            .contentSize(content.length)
            .parameter(DeltaParameters.DELTA, DeltaParameters.FASTCDC));
    Awaitility.await().until(() -> exchange.count() > 0);
    return exchange;
  }

  private static Message chunks(ByteBuf entries) {
    return Message.of(MessageType.MODEL_LOAD_REQ)
        .parameter(DeltaParameters.DELTA, DeltaParameters.CHUNKS)
        .content(entries);
  }

  private static ByteBuf entry(Digest digest, long length) {
    ByteBuf entry = Unpooled.buffer().writeBytes(digest.bytes());
    Varint.write(entry, length);
    return entry;
  }

  private static ErrorCode outcome(RawExchange exchange) {
    List<Message> all = exchange.all();
    return all.get(all.size() - 1).status();
  }

  @Test
  void aServerThatHasNothingToBuildOnWantsTheContent() throws Exception {
    Message answer = begin(model()).last();
    assertThat(answer.status()).isEqualTo(ErrorCode.CONTINUE);
    assertThat(answer.parameters()).isEmpty();
  }

  @Test
  void tellsWhatItLacksAndTakesThat() throws Exception {
    load("table", "1", model());
    byte[] next = changed(1_000_000, 10);
    RawExchange exchange = begin(next);
    assertThat(exchange.last().parameters())
        .containsEntry(DeltaParameters.DELTA, DeltaParameters.FASTCDC);
    ContentChunker chunker = new ContentChunker();
    chunker.add(ByteBuffer.wrap(next));
    ChunkList list = chunker.finish();
    ByteBuf entries = Unpooled.buffer();
    list.write(0, list.size(), entries);
    exchange.write(chunks(entries));
    Awaitility.await().until(() -> exchange.count() > 1);
    Message lacks = exchange.last();
    assertThat(lacks.parameters()).containsEntry(DeltaParameters.DELTA, DeltaParameters.LACKS);
    BitSet lacking = ChunkRuns.read(lacks.content(), list.size());
    int chunk = lacking.nextSetBit(0);
    assertThat(lacking.cardinality()).isBetween(1, 2);
    assertThat(lacks.contentOffset()).isEqualTo(list.offset(chunk));
    int from = (int) list.offset(chunk);
    int to = (int) list.offset(lacking.nextClearBit(chunk));
    exchange.end(
        Message.of(MessageType.MODEL_LOAD_REQ)
            .contentOffset(from)
            .content(Unpooled.copiedBuffer(next, from, to - from)));
    assertThat(outcome(exchange)).isEqualTo(ErrorCode.OK);
    isStored(next);
  }

  @Test
  void refusesAListThatWasNotAskedFor() throws Exception {
    RawExchange exchange = begin(model());
    exchange.write(chunks(entry(digest(new byte[1]), 10_000)));
    assertThat(outcome(exchange)).isEqualTo(ErrorCode.INVALID_ARGUMENT);
  }

  @Test
  void refusesAListOfChunksOfNoBytes() throws Exception {
    load("table", "1", model());
    RawExchange exchange = begin(changed(1_000_000, 10));
    exchange.write(chunks(entry(digest(new byte[1]), 0)));
    assertThat(outcome(exchange)).isEqualTo(ErrorCode.INVALID_ARGUMENT);
  }

  @Test
  void refusesAListThatIsLongerThanTheContent() throws Exception {
    byte[] base = model();
    load("table", "1", base);
    RawExchange exchange = begin(changed(1_000_000, 10));
    ByteBuf entries = Unpooled.buffer();
    for (long left = base.length; left >= 0; left -= ContentChunker.MAX_BYTES) {
      entries.writeBytes(entry(digest(new byte[1]), ContentChunker.MAX_BYTES));
    }
    exchange.write(chunks(entries));
    assertThat(outcome(exchange)).isEqualTo(ErrorCode.INVALID_ARGUMENT);
  }

  @Test
  void aListOfOtherChunksThanTheContentsIsFoundOutAtItsEnd() throws Exception {
    byte[] base = model();
    load("table", "1", base);
    byte[] next = changed(1_000_000, 10);
    RawExchange exchange = begin(next);
    ContentChunker chunker = new ContentChunker();
    chunker.add(ByteBuffer.wrap(base));
    ChunkList list = chunker.finish();
    ByteBuf entries = Unpooled.buffer();
    list.write(0, list.size(), entries);
    exchange.write(chunks(entries));
    assertThat(outcome(exchange)).isEqualTo(ErrorCode.MODEL_DIGEST_MISMATCH);
    nothingIsUnderWay();
  }
}

package io.modelcontrol.runtime;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.model.ModelManifest;
import io.modelcontrol.model.ModelStore;
import io.modelcontrol.wire.ChunkList;
import io.modelcontrol.wire.ChunkRuns;
import io.modelcontrol.wire.DeltaParameters;
import io.modelcontrol.wire.Message;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One pusher's content by its chunks: its list arrives, chunks that other contents of this store
 * have are copied from them, the others are asked for. Every chunk that is copied is compared with
 * its SHA-256 first; the whole content is compared at its end as always. Specification, "Delta".
 *
 * <p>Blocks; on a worker, one call at a time.
 */
final class Delta {
  /** Where a chunk is: in a content of the store, so many bytes behind its beginning. */
  private record Place(Digest base, long offset, int length) {}

  /** Smaller contents come as a whole: a list and a turn cost more than they save. */
  private static final int LEAST_BYTES = 64 * 1024;

  /** So many versions of a model are looked at. */
  private static final int MAX_BASES = 4;

  private final ModelStore store;
  private final ChunkIndex index;
  private final List<Digest> bases;
  private final long contentBytes;
  private ChunkList.Builder arriving = new ChunkList.Builder();
  private ChunkList chunks;
  private Place[] places;

  /** Whether its sender has to be told what is lacking. */
  private boolean changed;

  Delta(ModelStore store, ChunkIndex index, Pusher.Push push) {
    this.store = store;
    this.index = index;
    this.bases = push.bases();
    this.contentBytes = push.size();
  }

  /**
   * What a content may be built on: those of the same model's versions, the latest first, and none
   * but these. Who may load under a name learns what this name's contents consist of, and nothing
   * of others.
   */
  static List<Digest> bases(Message request, List<ModelManifest.Entry> entries) {
    if (!DeltaParameters.is(request, DeltaParameters.FASTCDC)) {
      return List.of();
    }
    List<Digest> bases = new ArrayList<>();
    for (ModelManifest.Entry entry : entries) {
      if (entry.id().name().equals(request.modelName())) {
        bases.remove(entry.digest());
        bases.add(0, entry.digest());
      }
    }
    return List.copyOf(bases.subList(0, Math.min(MAX_BASES, bases.size())));
  }

  static boolean isWorthIt(Pusher.Push push) {
    return !push.bases().isEmpty()
        && push.size() >= LEAST_BYTES
        && push.size() <= ChunkList.MAX_CONTENT_BYTES;
  }

  /**
   * Takes a part of the list.
   *
   * @throws McpException INVALID_ARGUMENT if it breaks the bounds of a list, was not asked for, or
   *     comes again
   */
  static Pusher.Taken takeChunks(Pusher pusher, Message request) {
    if (pusher.delta == null) {
      throw McpException.streamError(
          ErrorCode.INVALID_ARGUMENT, "a chunk list came, but was not asked for");
    }
    pusher.delta.onChunks(request.content());
    return Pusher.Taken.WRITTEN;
  }

  private void onChunks(ByteBuf entries) {
    if (arriving == null) {
      throw McpException.streamError(
          ErrorCode.INVALID_ARGUMENT, "the chunk list was complete, but more of it came");
    }
    if (arriving.read(entries, contentBytes)) {
      chunks = arriving.build();
      arriving = null;
      places = places();
      changed = true;
    }
  }

  private Place[] places() {
    Map<Digest, Place> known = new HashMap<>();
    for (Digest base : bases) {
      index.of(base).ifPresent(list -> add(list, base, known));
    }
    Place[] found = new Place[chunks.size()];
    for (int i = 0; i < found.length; i++) {
      Place place = known.get(chunks.digest(i));
      found[i] = place != null && place.length == chunks.length(i) ? place : null;
    }
    return found;
  }

  private static void add(ChunkList list, Digest base, Map<Digest, Place> known) {
    for (int i = 0; i < list.size(); i++) {
      known.putIfAbsent(list.digest(i), new Place(base, list.offset(i), list.length(i)));
    }
  }

  /**
   * Copies what is here, from where the content ends up to the next chunk that is lacking. Where a
   * chunk is not what its list says, all that was to come from the same content is lacking now, and
   * its sender is asked anew.
   */
  void fill(Pusher pusher, ModelStore.Upload content) {
    while (chunks != null && content.offset() < contentBytes) {
      int chunk = chunks.chunkAt(content.offset());
      if (places[chunk] == null) {
        return;
      }
      if (!copy(chunk, content)) {
        forget(places[chunk].base);
        pusher.goBack(content.offset());
        changed = true;
      }
    }
  }

  private boolean copy(int chunk, ModelStore.Upload content) {
    byte[] bytes = new byte[chunks.length(chunk)];
    if (!read(places[chunk], bytes)
        || !Digest.sha256(ByteBuffer.wrap(bytes)).equals(chunks.digest(chunk))) {
      return false;
    }
    int from = (int) (content.offset() - chunks.offset(chunk));
    content.write(ByteBuffer.wrap(bytes, from, bytes.length - from));
    return true;
  }

  private boolean read(Place place, byte[] bytes) {
    try {
      Path file = store.path(place.base);
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        long at = place.offset;
        while (buffer.hasRemaining()) {
          int read = channel.read(buffer, at);
          if (read < 0) {
            return false;
          }
          at += read;
        }
        return true;
      }
    } catch (IOException | McpException e) {
      // It was removed meanwhile, or the disk refuses: it has to come from the sender.
      return false;
    }
  }

  private void forget(Digest base) {
    index.drop(base);
    for (int i = 0; i < places.length; i++) {
      if (places[i] != null && places[i].base.equals(base)) {
        places[i] = null;
      }
    }
  }

  /** Tells the sender which chunks it has to bring, if it does not know. */
  void tell(Message progress) {
    if (changed) {
      changed = false;
      progress.parameter(DeltaParameters.DELTA, DeltaParameters.LACKS).content(lacking());
    }
  }

  private ByteBuf lacking() {
    BitSet lacking = new BitSet(places.length);
    for (int i = 0; i < places.length; i++) {
      lacking.set(i, places[i] == null);
    }
    ByteBuf runs = Unpooled.buffer();
    ChunkRuns.write(lacking, places.length, runs);
    return runs;
  }
}

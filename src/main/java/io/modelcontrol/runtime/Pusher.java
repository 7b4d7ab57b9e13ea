package io.modelcontrol.runtime;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelId;
import io.modelcontrol.model.ModelStore;
import io.modelcontrol.wire.Message;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.List;
import java.util.function.Supplier;

/**
 * One who pushes a content, and what it may send next: its own pieces follow each other, and none
 * begins behind what has arrived. On the host's context, but for {@link #take}.
 */
final class Pusher {
  /**
   * What somebody wants to push.
   *
   * @param size of the content in bytes
   * @param whenComplete what is done with the content when it is in the store; its outcome is the
   *     answer
   * @param ended told once when the push has ended, one way or the other
   * @param bases contents that it may be built on, if its sender can tell its chunks
   */
  record Push(
      ModelId id,
      Digest digest,
      long size,
      Supplier<Future<Message>> whenComplete,
      Runnable ended,
      List<Digest> bases) {}

  /** What became of a piece. */
  enum Taken {
    /** It, or the rest of it, is written. */
    WRITTEN,
    /** Others have brought it before, or it was sent before its sender was asked to go back. */
    DROPPED,
    /** It was damaged on its way: its sender is asked for it again. */
    DAMAGED
  }

  /** How often the whole content may come in pieces that nobody needs. */
  static final int MAX_DROPPED_CONTENTS = 2;

  /** Pieces that are damaged on their way, before the sender is given up. */
  static final int MAX_DAMAGED = 8;

  final String name;
  final Push push;
  final SharedUpload upload;

  /** The content by its chunks; null where it comes as a whole. */
  Delta delta;

  private Promise<Message> waiting;
  private Future<Message> outcome;
  private boolean left;

  /** Where its next piece has to begin, at least; written by {@link #take} only. */
  private long next;

  private int damaged;
  private boolean goingBack;
  private long dropped;

  Pusher(String name, Push push, SharedUpload upload) {
    this.name = name;
    this.push = push;
    this.upload = upload;
  }

  /** It is told to send from here. */
  void startAt(long offset) {
    next = offset;
  }

  /** Answers when something has changed. */
  Future<Message> await() {
    waiting = Promise.promise();
    return waiting.future();
  }

  boolean isWaiting() {
    return waiting != null;
  }

  /** Answers a wait, if there is one. */
  void tell(Message news) {
    if (waiting != null) {
      Promise<Message> told = waiting;
      waiting = null;
      told.complete(news);
    }
  }

  /** The end of the push; null before. */
  Future<Message> outcome() {
    return outcome;
  }

  /** The push ends like this; told now if it waits, else when it asks next. */
  void end(Future<Message> newOutcome) {
    outcome = newOutcome;
    newOutcome.onComplete(ended -> leave());
    if (waiting != null) {
      Promise<Message> told = waiting;
      waiting = null;
      newOutcome.onComplete(told);
    }
  }

  /** Its part has ended, whatever becomes of the content. */
  void leave() {
    if (!left) {
      left = true;
      push.ended().run();
    }
  }

  /**
   * Writes what is new of a piece. Blocks; one call at a time for all who share an upload.
   *
   * @throws McpException INVALID_ARGUMENT for a piece that does not follow, MODEL_DIGEST_MISMATCH
   *     for more than was announced, or too many that were damaged: nothing of it is written then
   */
  Taken take(ModelStore.Upload content, Message piece) {
    ByteBuf bytes = piece.content();
    long begin = piece.contentOffset();
    long end = begin + bytes.readableBytes();
    long arrived = content.offset();
    if (begin > arrived && goingBack) {
      return drop(bytes.readableBytes());
    }
    // Who was asked to go back may come from further behind than it would by itself.
    if (begin < (damaged == 0 ? next : 0) || begin > arrived) {
      throw McpException.streamError(
          ErrorCode.INVALID_ARGUMENT,
          "content at offset " + begin + ", expected " + Math.max(next, arrived));
    }
    if (end > upload.key.size()) {
      throw McpException.streamError(
          ErrorCode.MODEL_DIGEST_MISMATCH,
          "the content exceeds the " + upload.key.size() + " bytes that were announced");
    }
    if (piece.digest() != null && !piece.digest().equals(hash(bytes))) {
      return askAgain(arrived);
    }
    goingBack = false;
    next = end;
    if (end <= arrived) {
      return drop(bytes.readableBytes());
    }
    int known = (int) (arrived - begin);
    ByteBuf fresh = bytes.slice(bytes.readerIndex() + known, bytes.readableBytes() - known);
    for (ByteBuffer part : fresh.nioBuffers()) {
      content.write(part);
    }
    return Taken.WRITTEN;
  }

  /** What is under way is not what is needed: the sender is asked anew. */
  void goBack(long offset) {
    goingBack = true;
    next = offset;
  }

  /** What others have brought, or what was under way when it was asked to go back. */
  private Taken drop(int bytes) {
    dropped += bytes;
    if (dropped > MAX_DROPPED_CONTENTS * upload.key.size()) {
      throw McpException.streamError(
          ErrorCode.INVALID_ARGUMENT, "the content comes again and again, expected " + next);
    }
    return Taken.DROPPED;
  }

  private Taken askAgain(long offset) {
    if (++damaged > MAX_DAMAGED) {
      throw McpException.streamError(
          ErrorCode.MODEL_DIGEST_MISMATCH,
          damaged + " pieces did not have the SHA-256 (field 0x12) that they were sent with");
    }
    goBack(offset);
    return Taken.DAMAGED;
  }

  private static Digest hash(ByteBuf bytes) {
    MessageDigest sha256 = Digest.hash();
    for (ByteBuffer part : bytes.nioBuffers()) {
      sha256.update(part);
    }
    return Digest.of(sha256.digest());
  }
}

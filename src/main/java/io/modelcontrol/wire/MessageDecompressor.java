package io.modelcontrol.wire;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import java.nio.ByteBuffer;

/**
 * Unfolds a message that is one zstd frame. Contract 1, COMPRESSED. What it allocates grows with
 * what comes out, piece by piece, and never with what the frame claims; what comes out is bounded
 * by the size of a message and by a multiple of what came in.
 */
public final class MessageDecompressor {
  /** A byte unfolds to at most so many: more is a bomb, or not worth a frame anyway. */
  static final int MOST_RATIO = 100;

  /** What a message may unfold to besides, so that short ones of few values pass. */
  static final int MOST_BESIDES_BYTES = 64 * 1024;

  /** What comes out is allocated in pieces of this size. */
  private static final int PIECE_BYTES = 64 * 1024;

  private final ByteBufAllocator allocator;
  private final long most;
  private final CompositeByteBuf whole;
  private ByteBuf piece;
  private boolean ended;

  private MessageDecompressor(ByteBufAllocator allocator, long most) {
    this.allocator = allocator;
    this.most = most;
    this.whole = allocator.compositeBuffer(Integer.MAX_VALUE);
  }

  /** What so many compressed bytes may unfold to. */
  static long mostBytes(int compressedBytes) {
    return (long) compressedBytes * MOST_RATIO + MOST_BESIDES_BYTES;
  }

  /**
   * Unfolds a message, which is released.
   *
   * @param maxMessageBytes that this end accepts
   * @return the message's bytes, owned by the caller
   * @throws McpException MALFORMED_MESSAGE, for the stream, if it is not exactly one whole frame;
   *     MESSAGE_TOO_LARGE if it unfolds to too much or asks for too large a window
   */
  public static ByteBuf decompress(
      ByteBuf message, int maxMessageBytes, ByteBufAllocator allocator) {
    try {
      long most = Math.min(maxMessageBytes, mostBytes(message.readableBytes()));
      if (ZstdFrame.read(message).contentBytes() > most) {
        throw tooLarge(most);
      }
      return new MessageDecompressor(allocator, most).unfold(message);
    } finally {
      message.release();
    }
  }

  private ByteBuf unfold(ByteBuf message) {
    boolean done = false;
    try (ZstdDecompressCtx zstd = new ZstdDecompressCtx()) {
      for (ByteBuffer part : message.nioBuffers()) {
        unfold(zstd, part);
      }
      if (!ended) {
        throw malformed("the zstd frame is cut off", null);
      }
      closePiece();
      done = true;
      return whole;
    } catch (ZstdException e) {
      throw malformed("the zstd frame is damaged", e);
    } finally {
      if (!done) {
        closePiece();
        whole.release();
      }
    }
  }

  /** The library takes direct memory only. */
  private void unfold(ZstdDecompressCtx zstd, ByteBuffer part) {
    if (part.isDirect()) {
      unfoldDirect(zstd, part);
      return;
    }
    ByteBuf direct = allocator.directBuffer(Math.min(PIECE_BYTES, Math.max(1, part.remaining())));
    try {
      while (part.hasRemaining()) {
        int length = Math.min(direct.capacity(), part.remaining());
        direct.clear().writeBytes(part.slice().limit(length));
        part.position(part.position() + length);
        unfoldDirect(zstd, direct.nioBuffer());
      }
    } finally {
      direct.release();
    }
  }

  private void unfoldDirect(ZstdDecompressCtx zstd, ByteBuffer in) {
    boolean flushed = true;
    while (in.hasRemaining() || !flushed) {
      if (ended) {
        throw malformed("bytes behind the zstd frame", null);
      }
      openPiece();
      ByteBuffer out = piece.nioBuffer(piece.writerIndex(), piece.writableBytes());
      ended = zstd.decompressDirectByteBufferStream(out, in);
      piece.writerIndex(piece.writerIndex() + out.position());
      flushed = ended || out.hasRemaining();
      if (whole.readableBytes() + (long) piece.readableBytes() > most) {
        throw tooLarge(most);
      }
    }
  }

  private void openPiece() {
    if (piece != null && !piece.isWritable()) {
      closePiece();
    }
    if (piece == null) {
      piece = allocator.directBuffer(PIECE_BYTES, PIECE_BYTES);
    }
  }

  private void closePiece() {
    if (piece != null) {
      whole.addComponent(true, piece);
      piece = null;
    }
  }

  private static McpException tooLarge(long most) {
    return McpException.streamError(
        ErrorCode.MESSAGE_TOO_LARGE, "the message unfolds to more than " + most + " bytes");
  }

  private static McpException malformed(String text, Throwable cause) {
    return McpException.streamError(ErrorCode.MALFORMED_MESSAGE, text, cause);
  }
}

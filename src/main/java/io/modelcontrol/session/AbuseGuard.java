package io.modelcontrol.session;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;

/**
 * Counts what costs the peer nothing and us something: control frames, resets in either direction
 * (a peer can provoke ours as well as send its own), and frames without content. Beyond the budget
 * the session ends with ENHANCE_YOUR_CALM.
 */
final class AbuseGuard {
  /** Control frames: 50 a second, 100 at once. */
  private static final int CONTROL_PER_SECOND = 50;

  private static final int CONTROL_BURST = 100;

  /** Resets of either side: 100 in ten seconds. */
  private static final int RESETS_PER_SECOND = 10;

  private static final int RESET_BURST = 100;

  /** Replies that the peer asked for while it does not read. */
  private static final int MAX_UNSENT_REPLIES = 64;

  /** Frames that carry neither bytes nor an end, in a row. */
  private static final int MAX_EMPTY_FRAMES = 2;

  /** A message in more frames than this must have more than a few bytes in each. */
  private static final int FREE_FRAMES = 4096;

  private static final int LEAST_BYTES_A_FRAME = 1024;

  private final TokenBucket control = new TokenBucket(CONTROL_BURST, CONTROL_PER_SECOND);
  private final TokenBucket resets = new TokenBucket(RESET_BURST, RESETS_PER_SECOND);
  private int emptyFrames;
  private int unsentReplies;

  void onControl(long nowNanos) {
    if (!control.take(nowNanos)) {
      throw calm("more than " + CONTROL_PER_SECOND + " control frames a second");
    }
  }

  void onReset(long nowNanos) {
    if (!resets.take(nowNanos)) {
      throw calm("more than " + RESET_BURST + " streams were reset in ten seconds");
    }
  }

  void onData(int bytes, int flags) {
    if (bytes > 0 || flags != 0) {
      emptyFrames = 0;
    } else if (++emptyFrames > MAX_EMPTY_FRAMES) {
      throw calm("more than " + MAX_EMPTY_FRAMES + " empty DATA frames in a row");
    }
  }

  /** So many frames, with so many bytes in all, have not finished a message. */
  void onUnfinished(int frames, int bytes) {
    if (frames > FREE_FRAMES && bytes / LEAST_BYTES_A_FRAME < frames) {
      throw calm(
          "a message in more than "
              + FREE_FRAMES
              + " frames of less than "
              + LEAST_BYTES_A_FRAME
              + " bytes");
    }
  }

  /** The peer reads again, so what it asked for is on its way. */
  void onWritable() {
    unsentReplies = 0;
  }

  void onUnsentReply() {
    if (++unsentReplies > MAX_UNSENT_REPLIES) {
      throw calm("more than " + MAX_UNSENT_REPLIES + " replies were asked for and not read");
    }
  }

  private static McpException calm(String what) {
    return McpException.sessionError(ErrorCode.ENHANCE_YOUR_CALM, what);
  }
}

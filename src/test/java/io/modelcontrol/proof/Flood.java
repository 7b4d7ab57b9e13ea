package io.modelcontrol.proof;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.testing.RawPeer;
import io.modelcontrol.wire.ErrorFields;
import io.modelcontrol.wire.FrameType;
import io.modelcontrol.wire.Limits;
import io.modelcontrol.wire.Message;
import io.modelcontrol.wire.MessageEncoder;
import io.modelcontrol.wire.MessageType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.EnumSet;
import java.util.Set;

/** The families of floods that a session has to end, each as one connection does it. */
enum Flood {
  /** Opens requests and resets them at once. */
  RAPID_RESET(101) {
    @Override
    boolean shot(RawPeer peer, int i) {
      return peer.message(odd(i), SMALL_REQUEST, true)
          && peer.frame(FrameType.RESET, 0, odd(i), RESET);
    }
  },
  /** Makes the server reset streams. */
  MADE_YOU_RESET(101) {
    @Override
    boolean shot(RawPeer peer, int i) {
      return peer.message(odd(i), new byte[] {0x7F}, false);
    }
  },
  PINGS(101) {
    @Override
    boolean shot(RawPeer peer, int i) {
      return peer.frame(FrameType.PING, 0, 0, new byte[8]);
    }
  },
  EMPTY_FRAMES(4) {
    @Override
    boolean shot(RawPeer peer, int i) {
      return peer.frame(FrameType.DATA, 0, 1, NOTHING);
    }
  },
  /** Gives credit by the byte. */
  TINY_CREDIT(101) {
    @Override
    boolean shot(RawPeer peer, int i) {
      return peer.frame(FrameType.ACK, 0, 0, new byte[] {1});
    }
  },
  UNKNOWN_EXTENSIONS(101) {
    @Override
    boolean shot(RawPeer peer, int i) {
      return peer.frame(0xE0, 0, 0, new byte[60_000]);
    }
  },
  /** A message by the byte that never ends. */
  TINY_FRAGMENTS(4097) {
    @Override
    boolean shot(RawPeer peer, int i) {
      return peer.frame(FrameType.DATA, 0, 1, new byte[1]);
    }
  },
  /** Requests of many fields, whose answers get no credit. */
  TINY_FIELDS_WITHOUT_CREDIT(128, 0, true) {
    @Override
    boolean shot(RawPeer peer, int i) {
      return i >= exceededBy() || peer.message(odd(i), MANY_FIELDS, true);
    }
  },
  /** Asks for much, grants everything, and does not read. */
  SLOW_READ(16, Integer.MAX_VALUE, true) {
    @Override
    boolean shot(RawPeer peer, int i) {
      return i >= exceededBy() || peer.message(odd(i), LARGE_REQUEST, true);
    }
  };

  /** The model that answers with what it was asked. */
  static final String MODEL = "echo";

  /** So many streams share the smallest session window, and then hold too little to be reset. */
  private static final int UNPINNED_STREAMS = 16;

  private static final byte[] NOTHING = {};
  private static final byte[] RESET =
      bytes(
          ErrorFields.encodeReset(
              McpException.streamError(ErrorCode.REQUEST_CANCELED, "no"),
              UnpooledByteBufAllocator.DEFAULT));
  private static final byte[] SMALL_REQUEST = request(1, 0);
  private static final byte[] MANY_FIELDS = request(17_000, 600);
  private static final byte[] LARGE_REQUEST = request(230_000, 0);

  private final int exceededBy;
  private final int windows;
  private final boolean stalls;

  Flood(int exceededBy) {
    this(exceededBy, 0, false);
  }

  Flood(int exceededBy, int windows, boolean stalls) {
    this.exceededBy = exceededBy;
    this.windows = windows;
    this.stalls = stalls;
  }

  /** Sends the next piece of the flood; false once the connection is gone. */
  abstract boolean shot(RawPeer peer, int i);

  /** So many shots are more than the budget. */
  int exceededBy() {
    return exceededBy;
  }

  /** What a GOAWAY may say. Where a stall is the offense, a lost connection looks the same. */
  Set<ErrorCode> outcomes() {
    return stalls
        ? EnumSet.of(
            ErrorCode.ENHANCE_YOUR_CALM, ErrorCode.SLOW_CONSUMER, ErrorCode.NETWORK_TIMEOUT)
        : EnumSet.of(ErrorCode.ENHANCE_YOUR_CALM);
  }

  Limits announced() {
    return new Limits(0, windows, windows, 0, 0);
  }

  /** Whether the budget is a time, that of a stall. */
  boolean stalls() {
    return stalls;
  }

  /**
   * Whether nothing is left of the attack: the session has ended, or each stream that held much.
   */
  boolean isOver(RawPeer peer) {
    return peer.hasEnded() || stalls() && peer.resets().size() >= exceededBy - UNPINNED_STREAMS;
  }

  /** Whether the attacker reads what the server sends. */
  boolean reads() {
    return this != SLOW_READ;
  }

  static int odd(int i) {
    return 2 * i + 1;
  }

  /** A request for {@link #MODEL} with so many floats and so many parameters. */
  private static byte[] request(int floats, int parameters) {
    return request(MODEL, Tensor.of("input", new float[floats], floats), parameters);
  }

  static byte[] request(String model, Tensor input, int parameters) {
    Message message = Message.of(MessageType.INFERENCE_REQ).modelName(model).tensor(input);
    for (int i = 0; i < parameters; i++) {
      message.parameter("p" + i, "");
    }
    return bytes(MessageEncoder.encode(message, UnpooledByteBufAllocator.DEFAULT));
  }

  private static byte[] bytes(ByteBuf encoded) {
    byte[] bytes = ByteBufUtil.getBytes(encoded);
    encoded.release();
    return bytes;
  }
}

package io.modelcontrol.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.modelcontrol.session.FrameSink;
import io.modelcontrol.wire.AckFrame;
import io.modelcontrol.wire.FrameHeader;
import io.modelcontrol.wire.FrameType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** That the simulation finds what is wrong, and finds it again. */
class SimulationTest {
  /** Each damage must be found within so many seeds. */
  private static final int SEEDS = 300;

  /** What a session could do wrong, done to what it writes. */
  enum Damage {
    LOSES_A_GRANT {
      @Override
      boolean write(FrameSink to, FrameType type, int flags, int streamId, ByteBuf payload) {
        return type == FrameType.ACK && release(payload);
      }
    },
    GRANTS_TWICE_AS_MUCH {
      @Override
      boolean write(FrameSink to, FrameType type, int flags, int streamId, ByteBuf payload) {
        if (type != FrameType.ACK) {
          return false;
        }
        long credit = AckFrame.decode(payload.duplicate());
        payload.release();
        to.write(type, flags, streamId, AckFrame.encode(2 * credit, HEAP));
        return true;
      }
    },
    SENDS_DATA_TWICE {
      @Override
      boolean write(FrameSink to, FrameType type, int flags, int streamId, ByteBuf payload) {
        if (!isData(type, streamId)) {
          return false;
        }
        to.write(type, flags, streamId, payload == null ? null : payload.retainedDuplicate());
        to.write(type, flags, streamId, payload);
        return true;
      }
    },
    LOSES_DATA {
      @Override
      boolean write(FrameSink to, FrameType type, int flags, int streamId, ByteBuf payload) {
        return isData(type, streamId) && release(payload);
      }
    },
    CHANGES_A_BYTE {
      @Override
      boolean write(FrameSink to, FrameType type, int flags, int streamId, ByteBuf payload) {
        if (!isData(type, streamId) || payload == null || !payload.isReadable()) {
          return false;
        }
        ByteBuf changed = HEAP.buffer().writeBytes(payload);
        payload.release();
        int middle = changed.readableBytes() / 2;
        changed.setByte(middle, ~changed.getByte(middle));
        to.write(type, flags, streamId, changed);
        return true;
      }
    },
    LOSES_THE_END {
      @Override
      boolean write(FrameSink to, FrameType type, int flags, int streamId, ByteBuf payload) {
        if (!isData(type, streamId) || (flags & FrameHeader.END_STREAM) == 0) {
          return false;
        }
        to.write(type, flags & ~FrameHeader.END_STREAM, streamId, payload);
        return true;
      }
    },
    LOSES_A_RESET {
      @Override
      boolean write(FrameSink to, FrameType type, int flags, int streamId, ByteBuf payload) {
        return type == FrameType.RESET && release(payload);
      }
    },
    NEVER_TELLS_WHAT_ARRIVED {
      @Override
      boolean write(FrameSink to, FrameType type, int flags, int streamId, ByteBuf payload) {
        return type == FrameType.RECEIVED && release(payload);
      }
    },
    KEEPS_A_BUFFER {
      @Override
      boolean write(FrameSink to, FrameType type, int flags, int streamId, ByteBuf payload) {
        if (!isData(type, streamId) || payload == null) {
          return false;
        }
        to.write(type, flags, streamId, payload.retain());
        return true;
      }
    };

    private static final ByteBufAllocator HEAP = new UnpooledByteBufAllocator(false, true);

    /** Whether the frame was dealt with; if not, it is written as it is. */
    abstract boolean write(FrameSink to, FrameType type, int flags, int streamId, ByteBuf payload);

    static boolean isData(FrameType type, int streamId) {
      return type == FrameType.DATA && streamId != 0;
    }

    static boolean release(ByteBuf payload) {
      if (payload != null) {
        payload.release();
      }
      return true;
    }
  }

  @ParameterizedTest
  @EnumSource(Damage.class)
  void findsWhatASessionCouldDoWrong(Damage damage) {
    assertFound(sink -> new Damaging(sink, damage));
  }

  @Test
  void findsFramesThatAreSentInAnotherOrder() {
    assertFound(Reordering::new);
  }

  @Test
  void aSeedThatFailsIsToldFromItsBegin() {
    Simulator simulator = new Simulator(sink -> new Damaging(sink, Damage.SENDS_DATA_TWICE));
    assertThat(firstFailure(simulator))
        .hasMessageContaining("client0 -> DATA stream 0")
        .hasMessageContaining("server0 session ready")
        .hasMessageMatching("(?s)seed (\\d+): (.*?)\\n.*\\n\\2");
  }

  @Test
  void aSeedDoesTheSameEachTime() {
    Simulator one = new Simulator();
    Simulator other = new Simulator();
    for (int seed = 0; seed < 20; seed++) {
      one.run(seed);
      other.run(seed);
    }
    assertThat(one.tally()).hasToString(other.tally().toString());
    assertThat(one.tally().simulatedHours()).isEqualTo(other.tally().simulatedHours());
  }

  private static void assertFound(UnaryOperator<FrameSink> damage) {
    assertThat(firstFailure(new Simulator(damage))).isInstanceOf(AssertionError.class);
  }

  private static Throwable firstFailure(Simulator simulator) {
    for (long seed = 0; seed < SEEDS; seed++) {
      long now = seed;
      Throwable found = catchThrowable(() -> simulator.run(now));
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /** Does its damage to the first frame of each connection that it fits. */
  private static final class Damaging extends Passing {
    private final Damage damage;
    private boolean done;

    Damaging(FrameSink next, Damage damage) {
      super(next);
      this.damage = damage;
    }

    @Override
    public void write(FrameType type, int flags, int streamId, ByteBuf payload) {
      if (!done && damage.write(next, type, flags, streamId, payload)) {
        done = damage != Damage.NEVER_TELLS_WHAT_ARRIVED;
      } else {
        next.write(type, flags, streamId, payload);
      }
    }
  }

  /** Sends the first DATA of each connection after the frame that follows it. */
  private static final class Reordering extends Passing {
    private Runnable held;
    private boolean done;

    Reordering(FrameSink next) {
      super(next);
    }

    @Override
    public void write(FrameType type, int flags, int streamId, ByteBuf payload) {
      if (!done && held == null && Damage.isData(type, streamId)) {
        held = () -> next.write(type, flags, streamId, payload);
        return;
      }
      next.write(type, flags, streamId, payload);
      passHeld();
    }

    private void passHeld() {
      if (held != null) {
        done = true;
        Runnable late = held;
        held = null;
        late.run();
      }
    }

    @Override
    public void close() {
      passHeld();
      super.close();
    }
  }

  private static class Passing implements FrameSink {
    final FrameSink next;

    Passing(FrameSink next) {
      this.next = next;
    }

    @Override
    public void write(FrameType type, int flags, int streamId, ByteBuf payload) {
      next.write(type, flags, streamId, payload);
    }

    @Override
    public boolean isWritable() {
      return next.isWritable();
    }

    @Override
    public long bytesBeforeWritable() {
      return next.bytesBeforeWritable();
    }

    @Override
    public void close() {
      next.close();
    }
  }
}

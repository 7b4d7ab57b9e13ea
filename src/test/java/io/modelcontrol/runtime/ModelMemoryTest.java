package io.modelcontrol.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.model.Footprints;
import io.modelcontrol.runtime.MemoryBudget.Reservation;
import io.modelcontrol.telemetry.Activity;
import io.modelcontrol.telemetry.Happening;
import io.modelcontrol.telemetry.Operation;
import io.modelcontrol.telemetry.Telemetry;
import io.modelcontrol.telemetry.TraceContext;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelMemoryTest {
  private static final long MIB = 1 << 20;
  private static final Digest DIGEST = Digest.of(new byte[Digest.LENGTH]);
  private static final ModelMemory.Candidate CANDIDATE =
      new ModelMemory.Candidate(DIGEST, 10 * MIB, false);

  @TempDir Path directory;

  private final MemoryBudget budget = new MemoryBudget(100 * MIB);
  private final List<Happening> happened = new ArrayList<>();
  private final Queue<Reservation> evictable = new ArrayDeque<>();
  private Footprints footprints;
  private ModelMemory memory;

  @BeforeEach
  void open() {
    footprints = Footprints.open(directory);
    memory = new ModelMemory(budget, footprints, counting(), this::evict);
  }

  @Test
  void aContentThatWasNeverLoadedIsEstimatedByItsSize() {
    assertThat(memory.admit(CANDIDATE).result().bytes()).isEqualTo(24 * MIB);
  }

  @Test
  void aProcessOfItsOwnTakesMore() {
    assertThat(new ModelMemory.Candidate(DIGEST, 10 * MIB, true).estimatedBytes())
        .isGreaterThan(100 * MIB);
  }

  @Test
  void whatItTookBeforeCountsInsteadOfTheEstimate() {
    footprints.put(DIGEST, 90 * MIB);
    assertThat(memory.admit(CANDIDATE).result().bytes()).isEqualTo(90 * MIB);
  }

  @Test
  void whatIsMeasuredIsKeptAndReserved() {
    Reservation reservation = memory.admit(CANDIDATE).result();
    memory.measured(CANDIDATE, reservation, 31 * MIB);
    assertThat(budget.usedBytes()).isEqualTo(31 * MIB);
    assertThat(Footprints.open(directory).of(DIGEST)).hasValue(31 * MIB);
  }

  @Test
  void aMeasurementIsNoLessThanTheContentAndNotMuchMoreThanTheEstimate() {
    Reservation reservation = memory.admit(CANDIDATE).result();
    memory.measured(CANDIDATE, reservation, -3 * MIB);
    assertThat(reservation.bytes()).isEqualTo(10 * MIB);
    memory.measured(CANDIDATE, reservation, 1_000 * MIB);
    assertThat(reservation.bytes()).isEqualTo(4 * 24 * MIB);
  }

  @Test
  void refusesWhatDoesNotFitBesideTheOthers() {
    budget.reserve(80 * MIB);
    assertThat(refusal(CANDIDATE)).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
    assertThat(happened).containsExactly(Happening.LOAD_REFUSED);
  }

  @Test
  void evictsOneAfterTheOtherUntilThereIsRoom() {
    for (int i = 0; i < 4; i++) {
      evictable.add(budget.reserve(25 * MIB));
    }
    footprints.put(DIGEST, 40 * MIB);
    assertThat(memory.admit(CANDIDATE).succeeded()).isTrue();
    assertThat(evictable).hasSize(2);
    assertThat(budget.usedBytes()).isEqualTo(90 * MIB);
    assertThat(happened).containsExactly(Happening.MODEL_EVICTED, Happening.MODEL_EVICTED);
  }

  @Test
  void nobodyHasToGoForAModelThatNeverFits() {
    evictable.add(budget.reserve(25 * MIB));
    footprints.put(DIGEST, 101 * MIB);
    assertThat(refusal(CANDIDATE)).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
    assertThat(evictable).hasSize(1);
  }

  private ErrorCode refusal(ModelMemory.Candidate candidate) {
    return McpException.of(memory.admit(candidate).cause()).code();
  }

  private Optional<Future<Void>> evict() {
    return Optional.ofNullable(evictable.poll())
        .map(
            reservation -> {
              reservation.release();
              return Future.succeededFuture();
            });
  }

  private Telemetry counting() {
    return new Telemetry() {
      @Override
      public Activity start(Operation operation, TraceContext parentOrNull) {
        return Activity.NONE;
      }

      @Override
      public void count(Happening happening) {
        happened.add(happening);
      }
    };
  }
}

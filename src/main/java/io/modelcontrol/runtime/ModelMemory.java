package io.modelcontrol.runtime;

import io.modelcontrol.Digest;
import io.modelcontrol.McpException;
import io.modelcontrol.model.Footprints;
import io.modelcontrol.telemetry.Happening;
import io.modelcontrol.telemetry.Level;
import io.modelcontrol.telemetry.Telemetry;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Admits models to the node's memory before they are loaded: by what their content took when it was
 * loaded before, else by an estimate. Where it is not enough and the operator allows it, the
 * versions that were used longest ago make room. Lives on the host's context.
 */
final class ModelMemory {
  private static final Logger LOG = LoggerFactory.getLogger(ModelMemory.class);

  /** Weights are held as they are in the file, and once more as kernels want them. */
  private static final int ESTIMATE_FACTOR = 2;

  /** What a runtime takes for the smallest model. */
  private static final long ESTIMATE_BASE_BYTES = 4L << 20;

  /** A JVM, its heap and a runtime: what a process of its own takes beside its model. */
  private static final long PROCESS_BYTES = 192L << 20;

  /** Growth beyond so many estimates is not the model's, but of those who worked meanwhile. */
  private static final int MAX_ESTIMATES = 4;

  /** A content that is about to be loaded. */
  record Candidate(Digest digest, long contentBytes, boolean isolated) {
    long estimatedBytes() {
      long model = ESTIMATE_FACTOR * contentBytes + ESTIMATE_BASE_BYTES;
      return isolated ? model + PROCESS_BYTES : model;
    }
  }

  private final MemoryBudget budget;
  private final Footprints footprints;
  private final Telemetry telemetry;
  private final Supplier<Optional<Future<Void>>> eviction;

  /**
   * Admission.
   *
   * @param eviction unloads one version; empty where there is none that may go
   */
  ModelMemory(
      MemoryBudget budget,
      Footprints footprints,
      Telemetry telemetry,
      Supplier<Optional<Future<Void>>> eviction) {
    this.budget = budget;
    this.footprints = footprints;
    this.telemetry = telemetry;
    this.eviction = eviction;
  }

  /** Admission as the options say; what contents took is kept in this folder. Blocks. */
  static ModelMemory open(
      Path root,
      ModelHostOptions options,
      Telemetry telemetry,
      Supplier<Optional<Future<Void>>> eviction) {
    MemoryBudget budget = new MemoryBudget(options.getMaxModelMemoryBytes());
    telemetry.watch(Level.MODEL_MEMORY, budget::usedBytes);
    telemetry.watch(Level.MODEL_MEMORY_LIMIT, budget::limitBytes);
    return new ModelMemory(budget, Footprints.open(root), telemetry, eviction);
  }

  /**
   * Reserves memory for a load.
   *
   * @return fails with RESOURCE_EXHAUSTED if there is not enough and nothing may be evicted
   */
  Future<MemoryBudget.Reservation> admit(Candidate candidate) {
    long bytes = footprints.of(candidate.digest()).orElse(candidate.estimatedBytes());
    return budget.canEverHold(bytes) ? admit(bytes) : refuse(bytes);
  }

  private Future<MemoryBudget.Reservation> admit(long bytes) {
    MemoryBudget.Reservation reservation = budget.reserve(bytes);
    if (reservation != null) {
      return Future.succeededFuture(reservation);
    }
    Optional<Future<Void>> evicted = eviction.get();
    if (evicted.isEmpty()) {
      return refuse(bytes);
    }
    telemetry.count(Happening.MODEL_EVICTED);
    return evicted.get().compose(v -> admit(bytes));
  }

  private Future<MemoryBudget.Reservation> refuse(long bytes) {
    telemetry.count(Happening.LOAD_REFUSED);
    return Future.failedFuture(budget.exhausted(bytes));
  }

  /**
   * A model has been loaded while nothing else was. Blocks.
   *
   * @param grownBytes of resident memory, the Java heap left out
   */
  void measured(Candidate candidate, MemoryBudget.Reservation reservation, long grownBytes) {
    long most = MAX_ESTIMATES * candidate.estimatedBytes();
    long bytes = Math.min(Math.max(grownBytes, candidate.contentBytes()), most);
    try {
      footprints.put(candidate.digest(), bytes);
    } catch (McpException e) {
      LOG.warn("The footprint of a model is not kept", e);
    }
    reservation.correct(footprints.of(candidate.digest()).orElse(bytes));
  }
}

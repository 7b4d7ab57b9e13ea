package io.modelcontrol.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** The short forms of the long proofs: the same code, a smaller count. */
class ShortProofsTest {
  private static final long SEED = 1;
  private static final double BUSY_MACHINE_RATIO = 4;

  /** It still compiles after so few cycles; a model that stayed would be more. */
  private static final double YOUNG_JVM_GROWTH = 0.1;

  @Test
  void sessionsOpenAndCloseWithoutALeftover() throws Exception {
    assertThat(new SessionsProof().run(args(200))).contains("0 left");
  }

  @Test
  void garbageIsClosedAndABystanderUnharmed() throws Exception {
    assertThat(new GarbageProof().run(args(160))).contains("0 failures");
  }

  @Test
  void sessionsOverASimulatedNetworkLoseNothing() throws Exception {
    assertThat(new SimulationProof().run(args(2_000))).contains("2000 seeds from 1");
  }

  @Test
  void twoProcessesDoTheMainJobAndSurviveAKill() throws Exception {
    assertThat(new TwoNodesProof().run(args(20))).contains("a new node answered");
  }

  @Test
  void sequencesAndStoriesEqualTheirReferences() throws Exception {
    assertThat(new SequencesProof().run(args(20))).contains("0 differences", "8 stories exact");
  }

  @Test
  void cutConnectionsLoseNothingAndRepeatNothing() throws Exception {
    assertThat(new ConnectionCutsProof().run(args(30)))
        .contains("0 lost, 0 twice, 0 sessions lost");
  }

  @Test
  void aSlowConsumerIsHeldWithinItsStreamsAndHarmsNobody() throws Exception {
    assertThat(new SlowConsumerProof(BUSY_MACHINE_RATIO).run(args(1_000))).contains("median ratio");
  }

  @Test
  void everyCellOfTheTlsMatrixIsAsDocumented() throws Exception {
    assertThat(new TlsMatrixProof().run(args(1))).contains("cells as documented");
  }

  @Test
  void modelsThatAreLoadedAndUnloadedLeaveNoMemoryBehind() throws Exception {
    assertThat(new LoadUnloadProof(YOUNG_JVM_GROWTH).run(args(40))).contains("40 cycles");
  }

  @Test
  void aFineTunedNetworkIsPushedByWhatHasChanged() throws Exception {
    assertThat(new DeltaProof().run(args(1))).contains("fine-tuned: 3163737 bytes");
  }

  @Test
  void hostileModelsAreRefusedAndNoFileIsOpened() throws Exception {
    assertThat(new HostileModelsProof().run(args(400))).contains("all refused", "none kept");
  }

  @Test
  void modelsThatKillTheirProcessLeaveTheNodeAlive() throws Exception {
    assertThat(new KillerModelsProof(BUSY_MACHINE_RATIO, false).run(args(7)))
        .contains("the node lives");
  }

  @Test
  void rotatedCertificatesDropNoSession() throws Exception {
    assertThat(new RotationProof().run(args(20))).contains("0 failed, 0 sessions dropped");
  }

  @Test
  void eachRequestIsOneTraceFromTheClientToTheWorker() throws Exception {
    assertThat(new TracesProof(false).run(args(100))).contains("each one trace of 5 spans");
  }

  @Test
  void batchesReachTheRuntimesPaceAndDelayNobody() throws Exception {
    assertThat(
            new BatchingProof(1 / BUSY_MACHINE_RATIO, BUSY_MACHINE_RATIO, 300, 1, 8).run(args(1)))
        .contains("of bare ONNX Runtime", "single requests");
  }

  @Test
  void fiftyUpdatesFailNothingAndMixNothing() throws Exception {
    // Too short, and too busy a machine, to judge times and memory by.
    assertThat(new HotUpdateProof(Double.MAX_VALUE, Double.MAX_VALUE).run(args(50)))
        .contains("0 failed, 0 mixed");
  }

  @Test
  void badVersionsAreRolledBackByThemselves() throws Exception {
    assertThat(new RollbackProof().run(args(1))).contains("6 kinds", "0 failed");
  }

  @Test
  void eachFailedNegotiationIsInMetricLogAndTrace() throws Exception {
    assertThat(new NegotiationFailuresProof().run(args(1))).contains("20 reasons");
  }

  @Test
  void anUploadThatIsCutAndWhoseServerIsKilledGoesOn() throws Exception {
    assertThat(new ResumeUploadProof().run(args(24))).contains("READY", "times the file");
  }

  private static ProofArgs args(int count) {
    return new ProofArgs(OptionalInt.of(count), SEED, Path.of(""));
  }
}

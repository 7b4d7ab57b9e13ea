package io.modelcontrol.proof;

import static java.util.Map.entry;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Runs one proof by its name. The last line says {@code proof NAME: ok} or {@code proof NAME:
 * failed}, with the figures; the exit code is 0 or 1, and 2 where there is no such proof.
 */
public final class ProofMain {

  private static final Map<String, Supplier<Proof>> PROOFS =
      new TreeMap<>(
          Map.ofEntries(
              entry("batching", BatchingProof::new),
              entry("conformance", ConformanceProof::new),
              entry("connection-cuts", ConnectionCutsProof::new),
              entry("delta", DeltaProof::new),
              entry("floods", FloodsProof::new),
              entry("fuzz", FuzzProof::new),
              entry("garbage", GarbageProof::new),
              entry("hostile-models", HostileModelsProof::new),
              entry("hot-update", HotUpdateProof::new),
              entry("killer-models", KillerModelsProof::new),
              entry("load-unload", LoadUnloadProof::new),
              entry("negotiation-failures", NegotiationFailuresProof::new),
              entry("public-pack", PublicPackProof::new),
              entry("resume-upload", ResumeUploadProof::new),
              entry("rollback", RollbackProof::new),
              entry("rotation", RotationProof::new),
              entry("sequences", SequencesProof::new),
              entry("sessions", SessionsProof::new),
              entry("simulation", SimulationProof::new),
              entry("slow-consumer", SlowConsumerProof::new),
              entry("tls-matrix", TlsMatrixProof::new),
              entry("traces", TracesProof::new),
              entry("two-nodes", TwoNodesProof::new)));

  private ProofMain() {}

  public static void main(String[] args) {
    String name = args.length > 0 ? args[0] : "";
    Supplier<Proof> proof = PROOFS.get(name);
    if (proof == null) {
      System.out.println("proof " + name + ": failed, no such proof; there are " + PROOFS.keySet());
      exit(2);
      return;
    }
    exit(run(name, proof, args) ? 0 : 1);
  }

  private static boolean run(String name, Supplier<Proof> proof, String[] args) {
    try {
      ProofArgs parsed =
          ProofArgs.parse(
              args.length > 1 ? args[1] : ProofArgs.DEFAULT_COUNT,
              args.length > 2 ? args[2] : ProofArgs.RANDOM_SEED);
      System.out.println("proof " + name + ": seed " + parsed.seed());
      String figures = proof.get().run(parsed);
      System.out.println("proof " + name + ": ok " + figures);
      return true;
    } catch (Exception | AssertionError failure) {
      failure.printStackTrace(System.out);
      System.out.println("proof " + name + ": failed " + firstLine(failure));
      return false;
    }
  }

  private static String firstLine(Throwable failure) {
    return String.valueOf(failure).lines().findFirst().orElse("");
  }

  /** Ends what a proof has left running, so that the last line stays the last. */
  private static void exit(int code) {
    System.out.flush();
    Runtime.getRuntime().halt(code);
  }
}

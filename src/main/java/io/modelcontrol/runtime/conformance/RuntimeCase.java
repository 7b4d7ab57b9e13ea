package io.modelcontrol.runtime.conformance;

/**
 * One thing that a runtime promises.
 *
 * @param id group and name, {@code request/missing-input}
 * @param sentence what a right runtime does
 * @param check tries it
 */
public record RuntimeCase(String id, String sentence, Check check) {
  /** Ends without an exception if the runtime keeps the promise. */
  @FunctionalInterface
  interface Check {
    void run(Bench bench) throws Exception;
  }
}

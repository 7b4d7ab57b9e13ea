package io.modelcontrol.conformance;

/**
 * One input and what a server has to do about it.
 *
 * @param id group and number, {@code frame/01}
 * @param sentence what a right server does
 * @param section where the specification says so
 * @param boundMs milliseconds within which it must have happened
 */
public record ConformanceCase(
    String id,
    String sentence,
    String section,
    State state,
    Script script,
    Expectation expectation,
    long boundMs) {

  /** What is expected, in words. */
  public String expected() {
    return expectation.describe();
  }

  /** The state in which the session is when it happens, in words. */
  public String begins() {
    return state.name();
  }
}

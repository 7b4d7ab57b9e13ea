package io.modelcontrol.runtime;

/** The jobs that wait for a worker, in the order of their turns. Thread-safe. */
interface Waiting {
  void add(Job job);

  /** A job was ended while it waited. */
  void remove(Job job);

  /**
   * The next turn, claimed for the caller; {@code null} if none waits, or those that do are to wait
   * on.
   *
   * @param underWay turns that other workers have begun
   */
  Job take(int underWay);

  /**
   * How long no turn is to be taken, if no other job comes: 0 if there is one, negative if no job
   * waits.
   */
  long holdNanos(int underWay);
}

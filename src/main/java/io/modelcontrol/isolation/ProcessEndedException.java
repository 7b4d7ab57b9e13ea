package io.modelcontrol.isolation;

/** A process ended before it had answered; the message says how, for the operator's log. */
final class ProcessEndedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ProcessEndedException(String how) {
    super(how);
  }
}

package io.modelcontrol.isolation;

/**
 * A process did not come so far that a model could be given to it, which no model is to blame for;
 * the message says why, for the operator's log.
 */
final class NoProcessException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NoProcessException(Exception why) {
    super(why.getMessage(), why);
  }
}

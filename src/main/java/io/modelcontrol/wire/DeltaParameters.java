package io.modelcontrol.wire;

/**
 * The parameter {@code delta} of messages that push a content, and of what the server answers.
 * Specification, "Delta".
 */
public final class DeltaParameters {
  /** The key; and the capability of those who know it. */
  public static final String DELTA = "delta";

  /** First message: the client can tell its chunks. STATUS CONTINUE: the server wants them. */
  public static final String FASTCDC = "fastcdc";

  /** The content of this message is a part of the chunk list. */
  public static final String CHUNKS = "chunks";

  /** The content of this STATUS tells which chunks the server lacks. */
  public static final String LACKS = "lacks";

  private DeltaParameters() {}

  /** Whether a message has the parameter with this value. */
  public static boolean is(Message message, String value) {
    return value.equals(message.parameters().get(DELTA));
  }
}

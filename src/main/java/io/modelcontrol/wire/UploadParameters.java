package io.modelcontrol.wire;

/**
 * Parameters of loads and updates, most of them of a STATUS CONTINUE that answers content. Contract
 * 3, Load. A client that does not know them sends on, and is served as well.
 */
public final class UploadParameters {
  /** Somebody else brings this content: send nothing until a CONTINUE without it comes. */
  public static final String WAIT = "wait";

  /** What came at this offset was damaged: send it again from there. */
  public static final String RESEND = "resend";

  /** The content is there, and its version in this state: MODEL_UPDATE goes on by itself. */
  public static final String PHASE = "update.phase";

  /** Of a MODEL_UPDATE without content: promote, rollback or activate. */
  public static final String ACTION = "update.action";

  /** The value of those that say nothing but that they are there. */
  public static final String YES = "true";

  private UploadParameters() {}
}

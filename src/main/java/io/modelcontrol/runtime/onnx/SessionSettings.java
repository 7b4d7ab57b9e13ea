package io.modelcontrol.runtime.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;

/** The settings that all sessions share. */
final class SessionSettings {
  private static final String CONTENT = "ONNX";
  private static final String PREPARED = "ORT";

  private SessionSettings() {}

  /**
   * Options for a session; the caller closes them once it is created.
   *
   * @param intraOpThreads threads that work on one operator. Each session has its own, so the sum
   *     over all loaded models is what the machine sees.
   */
  static OrtSession.SessionOptions create(int intraOpThreads) throws OrtException {
    return create(intraOpThreads, CONTENT);
  }

  /** As {@link #create}, for a file that this process has written itself. */
  static OrtSession.SessionOptions forPrepared(int intraOpThreads) throws OrtException {
    return create(intraOpThreads, PREPARED);
  }

  private static OrtSession.SessionOptions create(int intraOpThreads, String format)
      throws OrtException {
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    try {
      options.setIntraOpNumThreads(intraOpThreads);
      options.setInterOpNumThreads(1);
      // A failed run reaches the operator as the cause of its exception; a hostile client must not
      // fill the log.
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      // Waiting threads that spin take the cores of the event loops.
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      // Never guessed from the bytes: only what the scanner understands is loaded.
      options.addConfigEntry("session.load_model_format", format);
      options.addConfigEntry("session.save_model_format", PREPARED);
      return options;
    } catch (OrtException e) {
      options.close();
      throw e;
    }
  }
}

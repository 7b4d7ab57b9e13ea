package io.modelcontrol.client.impl;

import io.modelcontrol.ModelState;
import io.modelcontrol.client.ModelUpdate;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.client.UpdateProgress;
import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.UploadParameters;
import io.vertx.core.Handler;
import java.util.HashMap;
import java.util.Map;

/**
 * What is pushed: a model to be loaded, or to be updated to.
 *
 * @param upload the version and its content
 * @param policy parameters that say how it takes over
 * @param updateHandler told how an update stands; null for nobody
 */
record Push(
    MessageType type,
    ModelUpload upload,
    Map<String, String> policy,
    Handler<UpdateProgress> updateHandler) {
  private static final String REPORT = "report.";

  static Push load(ModelUpload upload) {
    return new Push(MessageType.MODEL_LOAD_REQ, upload, Map.of(), null);
  }

  static Push update(ModelUpdate update) {
    return new Push(
        MessageType.MODEL_UPDATE, update.upload(), update.policy(), update.progressHandler());
  }

  /** What a STATUS CONTINUE tells of an update; null if it tells nothing. */
  static UpdateProgress progress(Map<String, String> parameters) {
    String phase = parameters.get(UploadParameters.PHASE);
    for (ModelState state : ModelState.values()) {
      if (state.name().equals(phase)) {
        return new UpdateProgress(state, report(parameters));
      }
    }
    return null;
  }

  private static Map<String, String> report(Map<String, String> parameters) {
    Map<String, String> report = new HashMap<>();
    parameters.forEach(
        (key, value) -> {
          if (key.startsWith(REPORT)) {
            report.put(key.substring(REPORT.length()), value);
          }
        });
    return report;
  }
}

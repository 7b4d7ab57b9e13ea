package io.modelcontrol.client;

import io.modelcontrol.ModelState;
import java.util.Map;

/**
 * How an update stands, once its content is there.
 *
 * @param state of the new version: WARMING, CANARY or SHADOW
 * @param report the figures of its trial so far, such as {@code requests}, {@code errors}, {@code
 *     p90-ms}; specification, Update
 */
public record UpdateProgress(ModelState state, Map<String, String> report) {
  public UpdateProgress {
    report = Map.copyOf(report);
  }
}

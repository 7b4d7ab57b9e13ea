package io.modelcontrol;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * One step of a model's preprocess chain. Contract 4, PreprocessStep.
 *
 * @param op the operation: Resize, CenterCrop, Normalize, ...
 * @param args its arguments by name
 */
public record PreprocessStep(String op, Map<String, String> args) {
  public PreprocessStep {
    Objects.requireNonNull(op, "op");
    args = Collections.unmodifiableMap(new TreeMap<>(args));
  }
}

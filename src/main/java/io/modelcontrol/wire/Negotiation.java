package io.modelcontrol.wire;

import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The offer of a client, or what the server selected of it. Contract 4.
 *
 * @param version {@code major << 8 | minor}: the highest that the sender speaks; in the answer, the
 *     selected one
 * @param minVersion the lowest that the sender speaks; 0 is "not announced"
 * @param capabilities by name
 * @param extensions by name, passed through untouched; the arrays are shared and not to be changed
 * @param limits what the sender accepts; {@code null} where it announced none
 * @param agent name and version of the sender's software, for logs
 */
public record Negotiation(
    int version,
    int minVersion,
    Map<String, Boolean> capabilities,
    Map<String, byte[]> extensions,
    Limits limits,
    String agent) {

  public Negotiation {
    capabilities = Collections.unmodifiableMap(new TreeMap<>(capabilities));
    extensions = Collections.unmodifiableMap(new TreeMap<>(extensions));
    Objects.requireNonNull(agent, "agent");
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Negotiation other
        && version == other.version
        && minVersion == other.minVersion
        && capabilities.equals(other.capabilities)
        && sameExtensions(extensions, other.extensions)
        && Objects.equals(limits, other.limits)
        && agent.equals(other.agent);
  }

  @Override
  public int hashCode() {
    return Objects.hash(version, minVersion, capabilities, extensions.keySet(), limits, agent);
  }

  private static boolean sameExtensions(Map<String, byte[]> one, Map<String, byte[]> other) {
    return one.keySet().equals(other.keySet())
        && one.entrySet().stream()
            .allMatch(e -> Arrays.equals(e.getValue(), other.get(e.getKey())));
  }
}

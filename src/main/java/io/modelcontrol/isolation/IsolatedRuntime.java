package io.modelcontrol.isolation;

import io.modelcontrol.Digest;
import io.modelcontrol.ModelId;
import io.modelcontrol.runtime.LoadedModel;
import io.modelcontrol.runtime.ModelRuntime;
import io.modelcontrol.runtime.RuntimeSettings;
import io.modelcontrol.telemetry.Telemetry;
import java.nio.file.Path;
import java.util.Map;

/** A runtime for one model, in a process that is started when the model is loaded. */
final class IsolatedRuntime implements ModelRuntime {
  private final Telemetry telemetry;
  private final ProcessStarter starter;
  private final Quarantine quarantine;
  private final ModelRuntime inner;
  private final ModelId id;
  private final Digest digest;

  IsolatedRuntime(
      Telemetry telemetry,
      ProcessStarter starter,
      Quarantine quarantine,
      ModelRuntime inner,
      ModelId id,
      Digest digest) {
    this.telemetry = telemetry;
    this.starter = starter;
    this.quarantine = quarantine;
    this.inner = inner;
    this.id = id;
    this.digest = digest;
  }

  @Override
  public String name() {
    return inner.name();
  }

  @Override
  public boolean recognizes(byte[] head) {
    return inner.recognizes(head);
  }

  @Override
  public boolean activates() {
    return inner.activates();
  }

  @Override
  public boolean isRemote() {
    return true;
  }

  @Override
  public LoadedModel load(Path content, Map<String, String> parameters) {
    return load(content, parameters, RuntimeSettings.OPEN);
  }

  @Override
  public LoadedModel load(Path content, Map<String, String> parameters, RuntimeSettings settings) {
    quarantine.check(digest);
    Work work = new Work(inner.name(), content.toAbsolutePath(), id, digest, parameters, settings);
    return new IsolatedModel(work, quarantine, telemetry, starter);
  }
}

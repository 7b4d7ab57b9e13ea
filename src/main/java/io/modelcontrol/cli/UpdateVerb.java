package io.modelcontrol.cli;

import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.ModelUpdate;
import io.modelcontrol.client.UpdateProgress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Map.Entry;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code modelctl update}. */
@Command(
    name = "update",
    description = "Replace the active version of a model while it is used",
    sortOptions = false)
final class UpdateVerb extends LoadVerb {
  @Option(
      names = "--canary",
      paramLabel = "PERCENT",
      description = "Let it answer a share of the requests first")
  private Integer canary;

  @Option(
      names = "--identity",
      paramLabel = "NAME",
      description = "Let it answer all requests of an identity first; may repeat")
  private String[] identities = {};

  @Option(names = "--shadow", description = "Let it run on copies of requests first, and compare")
  private boolean shadow;

  @Option(
      names = "--trial-requests",
      paramLabel = "N",
      description = "Requests after which the trial is passed")
  private Integer trialRequests;

  @Option(
      names = "--no-promote",
      description = "Let it wait for 'promote' when it has passed its trial")
  private boolean waits;

  @Option(
      names = "--update-param",
      paramLabel = "KEY=VALUE",
      description = "Another parameter of the update, as max-error-rate=0.05; may repeat")
  private Map<String, String> policy = new LinkedHashMap<>();

  private ModelStateLine line;

  @Override
  ModelDescriptor send(McpClient client, ProgressBar bar) {
    line = new ModelStateLine(modelctl());
    return client.update(update(bar)).await();
  }

  @Override
  String done(ModelDescriptor model) {
    return "active " + model.id() + ", runtime " + model.runtime();
  }

  private ModelUpdate update(ProgressBar bar) {
    if (shadow && (canary != null || identities.length > 0)) {
      throw new UsageException("--shadow and --canary or --identity exclude each other");
    }
    ModelUpdate update = ModelUpdate.of(upload(bar)).progressHandler(line::show);
    if (shadow) {
      update.shadow();
    }
    if (identities.length > 0) {
      update.canary(identities);
    }
    if (canary != null) {
      update.canary(canary);
    }
    if (trialRequests != null) {
      update.trialRequests(trialRequests);
    }
    if (waits) {
      update.parameter("promote", "false");
    }
    policy.forEach(update::parameter);
    return update;
  }

  /** What the new version is doing, a line whenever that changes. */
  private static final class ModelStateLine {
    private final Modelctl modelctl;
    private String last = "";

    ModelStateLine(Modelctl modelctl) {
      this.modelctl = modelctl;
    }

    void show(UpdateProgress progress) {
      String text =
          progress.state()
              + progress.report().entrySet().stream()
                  .sorted(Entry.comparingByKey())
                  .map(entry -> " " + entry.getKey() + "=" + entry.getValue())
                  .collect(Collectors.joining());
      if (!text.equals(last) && !modelctl.json()) {
        modelctl.console().err().println(text);
      }
      last = text;
    }
  }
}

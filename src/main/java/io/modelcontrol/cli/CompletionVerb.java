package io.modelcontrol.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code modelctl completion}. */
@Command(
    name = "completion",
    description = "Print a completion script for bash and zsh: source <(modelctl completion)")
final class CompletionVerb implements Callable<Integer> {
  @ParentCommand private Modelctl modelctl;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    modelctl.print(AutoComplete.bash("modelctl", spec.root().commandLine()));
    return Exit.OK;
  }
}

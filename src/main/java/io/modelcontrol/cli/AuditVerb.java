package io.modelcontrol.cli;

import io.modelcontrol.auth.AuditChain;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code modelctl audit}. */
@Command(
    name = "audit",
    description = "Check the audit log of a server",
    subcommands = AuditVerb.Verify.class)
final class AuditVerb implements Runnable {
  @ParentCommand private Modelctl modelctl;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "'verify' is missing");
  }

  /** {@code modelctl audit verify}. */
  @Command(name = "verify", description = "Find the first entry that was changed, removed or moved")
  static final class Verify implements Callable<Integer> {
    @ParentCommand private AuditVerb audit;

    @Parameters(paramLabel = "FILE", description = "The audit log")
    private Path file;

    @Option(
        names = "--head",
        paramLabel = "HASH",
        description =
            "The hash of an entry that must be there, from an earlier check: finds an end that was"
                + " cut off")
    private String head;

    @Override
    public Integer call() {
      AuditChain chain = new AuditChain(AuditChain.START, 0);
      boolean found = head == null;
      try (BufferedReader lines = Files.newBufferedReader(file)) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (!chain.follows(line)) {
            return wrong(
                "line " + (chain.lines() + 1) + " was changed, or lines before it removed");
          }
          found |= chain.head().equals(head);
        }
      } catch (IOException e) {
        throw new UsageException("the file cannot be read", e);
      }
      if (!found) {
        return wrong("the entry with hash " + head + " is missing: the end was cut off");
      }
      audit.modelctl.print(chain.lines() + " entries, all whole; head " + chain.head());
      return Exit.OK;
    }

    private int wrong(String text) {
      audit.modelctl.print(text);
      return Exit.FAILED;
    }
  }
}

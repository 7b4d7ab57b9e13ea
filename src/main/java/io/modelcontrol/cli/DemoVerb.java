package io.modelcontrol.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "demo", description = "Run three real models on an embedded node")
final class DemoVerb implements Callable<Integer> {
  @Override
  public Integer call() {
    return 1;
  }
}

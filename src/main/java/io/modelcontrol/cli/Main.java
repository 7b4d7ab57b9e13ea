package io.modelcontrol.cli;

import io.vertx.launcher.application.VertxApplication;

/**
 * The main class of the fat jar: {@code modelctl}, or, where the first argument is none of its
 * verbs, the launcher of Vert.x for those who deploy verticles by hand.
 */
public final class Main {
  private Main() {}

  /** Ends the process with the exit code of the command; the launcher's process lives on. */
  public static void main(String[] args) {
    if (args.length == 0 || Modelctl.knows(args[0])) {
      System.exit(Modelctl.run(Console.system(), args));
    }
    VertxApplication.main(args);
  }
}

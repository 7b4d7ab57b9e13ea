package io.modelcontrol.cli;

import io.vertx.launcher.application.VertxApplication;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The main class of the fat jar: {@code modelctl}, or, where the first argument is none of its
 * verbs, the launcher of Vert.x for those who deploy verticles by hand.
 */
public final class Main {
  /** It tells of failed handshakes, of which the node tells by itself; held, or it is forgotten. */
  private static final Logger BOUNCY_CASTLE = Logger.getLogger("org.bouncycastle");

  private Main() {}

  /** Ends the process with the exit code of the command; the launcher's process lives on. */
  public static void main(String[] args) {
    BOUNCY_CASTLE.setLevel(Level.OFF);
    if (args.length == 0 || Modelctl.knows(args[0])) {
      System.exit(Modelctl.run(Console.system(), args));
    }
    VertxApplication.main(args);
  }
}

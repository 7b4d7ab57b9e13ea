package io.modelcontrol.cli;

import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.util.Map;

/**
 * Where a command writes, and what it may assume of it.
 *
 * @param out results
 * @param err errors and progress
 * @param terminal whether a person watches
 * @param environment variables by name
 */
public record Console(
    PrintStream out, PrintStream err, boolean terminal, Map<String, String> environment) {

  /** The console of this process. */
  public static Console system() {
    return new Console(System.out, System.err, isTerminal(), System.getenv());
  }

  /** Since JDK 22 a console may be no terminal; it tells by a method that JDK 17 lacks. */
  @SuppressWarnings("SystemConsoleNull")
  private static boolean isTerminal() {
    java.io.Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      return (Boolean) java.io.Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException e) {
      return true;
    } catch (IllegalAccessException | InvocationTargetException e) {
      return false;
    }
  }

  /**
   * Whether colors are welcome; the variable NO_COLOR, if it is not empty, says that they are not.
   */
  boolean colors() {
    return terminal && environment.getOrDefault("NO_COLOR", "").isEmpty();
  }
}

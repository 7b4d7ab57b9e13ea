package io.modelcontrol.cli;

import java.lang.reflect.Proxy;

/**
 * Waits for SIGTERM or SIGINT. A shutdown hook would not do: hooks run side by side, so native
 * libraries would be torn down while requests still run in them, and the exit code would be the
 * signal's. The class of the JDK for it is not in its supported API, hence by reflection.
 */
final class Signals {
  private Signals() {}

  /**
   * Runs the action, once for each signal, on a thread of the JDK.
   *
   * @return whether this JVM knows these signals
   */
  static boolean onStop(Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object proxy =
          Proxy.newProxyInstance(
              Signals.class.getClassLoader(),
              new Class<?>[] {handler},
              (self, method, args) -> {
                switch (method.getName()) {
                  case "handle" -> action.run();
                  case "hashCode" -> {
                    return System.identityHashCode(self);
                  }
                  case "equals" -> {
                    return self == args[0];
                  }
                  default -> {
                    return "modelctl";
                  }
                }
                return null;
              });
      for (String name : new String[] {"TERM", "INT"}) {
        Object known = signal.getConstructor(String.class).newInstance(name);
        signal.getMethod("handle", signal, handler).invoke(null, known, proxy);
      }
      return true;
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      return false;
    }
  }
}

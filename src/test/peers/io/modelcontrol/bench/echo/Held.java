package io.modelcontrol.bench.echo;

import io.modelcontrol.bench.report.Contender;
import io.modelcontrol.bench.report.Figure;
import java.util.Map;

/**
 * A server and a connection that stay from the first round to the last, idle while others are
 * measured: what it takes to start and to end is no part of any round, nor is what the compiler
 * thinks of it.
 */
public final class Held implements Contender {
  /** Starts a server, and connects to it over the loopback interface. */
  @FunctionalInterface
  public interface Opener {
    Echo open() throws Exception;
  }

  /** How long a contender is warmed up at most. */
  public static final long WARM_MILLIS = Long.getLong("bench.warm", 2_000);

  private static final Load.Warmup FIRST = new Load.Warmup(250_000, WARM_MILLIS);
  private static final Load.Warmup LATER = new Load.Warmup(Long.MAX_VALUE, 200);

  private final Opener opener;
  private final int answerBytes;
  private final int inFlight;
  private final long millis;
  private Echo echo;

  public Held(Opener opener, int answerBytes, int inFlight, long millis) {
    this.opener = opener;
    this.answerBytes = answerBytes;
    this.inFlight = inFlight;
    this.millis = millis;
  }

  @Override
  public Map<Figure, Double> measure(boolean first) throws Exception {
    if (echo == null) {
      echo = opener.open();
    }
    return Load.measure(echo, answerBytes, inFlight, first ? FIRST : LATER, millis);
  }

  @Override
  public void close() throws Exception {
    if (echo != null) {
      echo.close();
    }
  }
}

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

  private static final int FIRST_CALLS = 250_000;
  private static final Load.Warmup LATER = new Load.Warmup(Long.MAX_VALUE, 200);

  private final Opener opener;
  private final int answerBytes;
  private final int inFlight;
  private final Load.Warmup first;
  private final long millis;
  private Echo echo;

  /**
   * @param warmMillis how long the first round is warmed up at most
   */
  public Held(Opener opener, int answerBytes, int inFlight, long warmMillis, long millis) {
    this.opener = opener;
    this.first = new Load.Warmup(FIRST_CALLS, warmMillis);
    this.answerBytes = answerBytes;
    this.inFlight = inFlight;
    this.millis = millis;
  }

  @Override
  public Map<Figure, Double> measure(boolean isFirst) throws Exception {
    if (echo == null) {
      echo = opener.open();
    }
    return Load.measure(echo, answerBytes, inFlight, isFirst ? first : LATER, millis);
  }

  @Override
  public void close() throws Exception {
    if (echo != null) {
      echo.close();
    }
  }
}

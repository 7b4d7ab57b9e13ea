package io.modelcontrol.cli;

/** One line on a terminal that shows how far something is; elsewhere nothing. */
final class ProgressBar implements AutoCloseable {
  private static final int WIDTH = 30;
  private static final String BACK_TO_START = "\r";
  private static final String CLEAR_LINE = "\r\u001b[K";

  private final Console console;
  private final String what;
  private int shownPercent = -1;

  ProgressBar(Console console, String what) {
    this.console = console;
    this.what = what;
  }

  synchronized void show(long done, long total) {
    int percent = total <= 0 ? 100 : (int) (100 * done / total);
    if (!console.terminal() || percent == shownPercent) {
      return;
    }
    shownPercent = percent;
    int filled = WIDTH * percent / 100;
    console
        .err()
        .print(
            BACK_TO_START
                + what
                + " ["
                + "#".repeat(filled)
                + " ".repeat(WIDTH - filled)
                + "] "
                + percent
                + " %");
    console.err().flush();
  }

  /** Removes the line. */
  @Override
  public synchronized void close() {
    if (shownPercent >= 0) {
      console.err().print(CLEAR_LINE);
      console.err().flush();
      shownPercent = -1;
    }
  }
}

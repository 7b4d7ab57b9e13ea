package io.modelcontrol.isolation;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.helpers.NOPMDCAdapter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * The log of a model's process: warnings and errors, as text, to its output, of which the node
 * keeps the last words. The log of an application would be configured in each process anew, which
 * takes as long as all else that a process does until it serves. Named by the property {@code
 * slf4j.provider}, and not registered as a service: so only these processes have it.
 */
public final class ProcessLog implements SLF4JServiceProvider {
  /** The API that this was written for. */
  private static final String API = "2.0.99";

  private final IMarkerFactory markers = new BasicMarkerFactory();
  private final MDCAdapter context = new NOPMDCAdapter();
  private final PrintStream out;

  /** To the error output, which the node reads together with the other one. */
  public ProcessLog() {
    this(new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8));
  }

  ProcessLog(PrintStream out) {
    this.out = out;
  }

  @Override
  public ILoggerFactory getLoggerFactory() {
    return name -> new Printer(name, out);
  }

  @Override
  public IMarkerFactory getMarkerFactory() {
    return markers;
  }

  @Override
  public MDCAdapter getMDCAdapter() {
    return context;
  }

  @Override
  public String getRequestedApiVersion() {
    return API;
  }

  @Override
  public void initialize() {
    // There is nothing to configure.
  }

  private static final class Printer extends LegacyAbstractLogger {
    private static final long serialVersionUID = 1L;

    private final transient PrintStream out;

    Printer(String name, PrintStream out) {
      this.name = name;
      this.out = out;
    }

    @Override
    public boolean isTraceEnabled() {
      return false;
    }

    @Override
    public boolean isDebugEnabled() {
      return false;
    }

    @Override
    public boolean isInfoEnabled() {
      return false;
    }

    @Override
    public boolean isWarnEnabled() {
      return true;
    }

    @Override
    public boolean isErrorEnabled() {
      return true;
    }

    @Override
    protected String getFullyQualifiedCallerName() {
      return null;
    }

    @Override
    protected void handleNormalizedLoggingCall(
        Level level, Marker marker, String pattern, Object[] arguments, Throwable failure) {
      String text = MessageFormatter.basicArrayFormat(pattern, arguments);
      out.println(level + " " + name + " - " + text + (failure == null ? "" : ": " + failure));
    }
  }
}

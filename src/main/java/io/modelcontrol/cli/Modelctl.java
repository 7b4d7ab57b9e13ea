package io.modelcontrol.cli;

import io.modelcontrol.McpException;
import io.modelcontrol.client.McpClientOptions;
import io.modelcontrol.tls.TlsOptions;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code modelctl}: its verbs, what they have in common, and how they fail. */
@Command(
    name = "modelctl",
    description = "MCP, the Model Control Protocol (not the Model Context Protocol).",
    synopsisSubcommandLabel = "COMMAND",
    versionProvider = Modelctl.Version.class,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:recognized something wrong (demo), a case that failed (conformance), or an error in modelctl itself",
      "2:wrong usage, config or input file",
      "3:no connection to the server",
      "4:the server refused or failed; its error code is printed",
      "5:not done in time"
    },
    subcommands = {
      ServeVerb.class,
      ModelsVerb.class,
      LoadVerb.class,
      UpdateVerb.class,
      RollbackVerb.class,
      PromoteVerb.class,
      WatchVerb.class,
      UnloadVerb.class,
      InferVerb.class,
      GenerateVerb.class,
      DescribeVerb.class,
      PingVerb.class,
      KeysVerb.class,
      TopVerb.class,
      AuditVerb.class,
      ConformanceVerb.class,
      DemoVerb.class,
      CompletionVerb.class
    })
public final class Modelctl implements Runnable {
  static final String SERVER_VARIABLE = "MODELCTL_SERVER";
  static final String DEFAULT_SERVER = "mcp://127.0.0.1:9001";

  private final Console console;

  @Spec private CommandSpec spec;

  @Option(
      names = "--server",
      paramLabel = "URI",
      scope = ScopeType.INHERIT,
      description =
          "The server to talk to; default: variable "
              + SERVER_VARIABLE
              + ", else "
              + DEFAULT_SERVER)
  private String server;

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "PEM certificates of whom to trust as the server's CA; needs mcps://")
  private String ca;

  @Option(
      names = "--cert",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "PEM certificate to show to the server; with --key")
  private String certificate;

  @Option(
      names = "--key",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "PEM key of the certificate")
  private String key;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "File with a token to show to the server; needs mcps://")
  private Path tokenFile;

  @Option(names = "--json", scope = ScopeType.INHERIT, description = "Print JSON, for machines")
  private boolean json;

  @Option(names = "--no-color", scope = ScopeType.INHERIT, description = "Print without colors")
  private boolean noColor;

  @SuppressWarnings("unused")
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Print this help")
  private boolean help;

  @SuppressWarnings("unused")
  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Print the version")
  private boolean version;

  Modelctl(Console console) {
    this.console = console;
  }

  /**
   * Runs one command. Blocks until it is done, for {@code serve} until the process is told to stop.
   */
  public static int run(Console console, String... args) {
    Modelctl modelctl = new Modelctl(console);
    return modelctl.commandLine().execute(args);
  }

  /**
   * Whether an argument is for modelctl, rather than the name of a verticle: a verb, an option, or
   * a plain lower-case word, which would be a mistyped verb.
   */
  public static boolean knows(String argument) {
    CommandSpec spec = new Modelctl(Console.system()).commandLine().getCommandSpec();
    String option = argument.split("=", 2)[0];
    return argument.matches("[a-z]+") || spec.findOption(option) != null;
  }

  CommandLine commandLine() {
    Ansi ansi = console.colors() ? Ansi.ON : Ansi.OFF;
    return new CommandLine(this)
        .setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8))
        .setColorScheme(CommandLine.Help.defaultColorScheme(ansi))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(this::onUsage)
        .setExecutionExceptionHandler(this::onFailure);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }

  Console console() {
    return console;
  }

  /** The server that was named, by option or variable. */
  String server() {
    if (server != null) {
      return server;
    }
    return console.environment().getOrDefault(SERVER_VARIABLE, DEFAULT_SERVER);
  }

  /**
   * How to reach the server that was named.
   *
   * @throws UsageException if it is no URI, or options of TLS do not fit
   */
  McpClientOptions clientOptions() {
    McpClientOptions options;
    try {
      options = McpClientOptions.fromUri(server());
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage(), e);
    }
    if ((certificate == null) != (key == null)) {
      throw new UsageException("--cert and --key go together");
    }
    TlsOptions tls = options.getTls();
    if (tls == null) {
      if (ca != null || key != null || tokenFile != null) {
        throw new UsageException(
            "--ca, --cert, --key and --token-file need a server at mcps://host:port");
      }
      return options;
    }
    tls.setReloadMs(0).setCaFile(ca).setCertificateFile(certificate).setKeyFile(key);
    return tokenFile == null ? options : options.setAuthMethod("token").setCredential(token());
  }

  private Buffer token() {
    try {
      return Buffer.buffer(Files.readString(tokenFile).strip());
    } catch (IOException e) {
      throw new UsageException("the file of --token-file cannot be read", e);
    }
  }

  boolean json() {
    return json;
  }

  Ansi ansi() {
    return console.colors() && !noColor ? Ansi.ON : Ansi.OFF;
  }

  void print(String line) {
    console.out().println(line);
  }

  private int onUsage(ParameterException error, String[] args) {
    return usage(error.getMessage(), error.getCommandLine().getCommandSpec());
  }

  private int usage(String text, CommandSpec command) {
    String help = "see '" + command.qualifiedName() + " --help'";
    console.err().println("modelctl: " + Advice.oneLine(text) + "; " + help);
    return Exit.USAGE;
  }

  private int onFailure(Exception failure, CommandLine line, ParseResult parsed) throws Exception {
    if (failure instanceof UsageException) {
      return usage(failure.getMessage(), line.getCommandSpec());
    }
    if (failure instanceof McpException error) {
      console.err().println(Advice.line(error));
      return Exit.of(error.code());
    }
    console.err().println("modelctl: internal error: " + Advice.oneLine(failure.toString()));
    return Exit.FAILED;
  }

  /** From the jar's manifest. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Modelctl.class.getPackage().getImplementationVersion();
      return new String[] {"modelctl " + (version == null ? "(not packaged)" : version)};
    }
  }
}

package io.modelcontrol.cli;

import io.modelcontrol.tls.DevelopmentCa;
import io.modelcontrol.tls.DevelopmentCa.Issued;
import io.modelcontrol.tls.DevelopmentCa.Subject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code modelctl keys}. */
@Command(
    name = "keys",
    description = "Make a CA for development, and certificates of servers and clients",
    sortOptions = false)
final class KeysVerb implements Callable<Integer> {
  private static final int DEFAULT_DAYS = 90;
  private static final int MAX_DAYS = 3650;

  /** Clocks of other machines may be a little behind. */
  private static final Duration EARLIER = Duration.ofMinutes(5);

  private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";

  @ParentCommand private Modelctl modelctl;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = "keys",
      description = "Folder to write to; a CA that is there is used again; default: keys")
  private Path folder;

  @Option(
      names = "--host",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "localhost,127.0.0.1",
      description = "Names and numbers that the server is reached at; default: ${DEFAULT-VALUE}")
  private List<String> hosts;

  @Option(
      names = "--client",
      paramLabel = "NAME:ROLE",
      split = ",",
      defaultValue = "admin:admin,edge-1:client",
      description = "Clients, each with its role; default: ${DEFAULT-VALUE}")
  private List<String> clients;

  @Option(
      names = "--days",
      paramLabel = "N",
      defaultValue = "" + DEFAULT_DAYS,
      description = "Days that the certificates are valid, 1 to " + MAX_DAYS + "; default: 90")
  private int days;

  @Override
  public Integer call() {
    if (days < 1 || days > MAX_DAYS) {
      throw new UsageException("--days must be 1 to " + MAX_DAYS + ", was " + days);
    }
    List<Subject> subjects = new ArrayList<>();
    subjects.add(new Subject(hosts.get(0), null, hosts, List.of(), true));
    clients.forEach(client -> subjects.add(subject(client)));
    Instant from = Instant.now().minus(EARLIER);
    Instant to = from.plus(Duration.ofDays(days));
    try {
      Files.createDirectories(folder);
      DevelopmentCa authority = authority(from, to);
      for (Subject subject : subjects) {
        write(file(subject), authority.issue(subject, from, to));
      }
    } catch (IOException | UncheckedIOException e) {
      throw new UsageException("the keys cannot be written to " + folder, e);
    }
    explain(subjects, to);
    return Exit.OK;
  }

  private static Subject subject(String client) {
    String[] parts = client.split(":", 2);
    if (parts.length < 2 || !parts[0].matches(NAME) || !parts[1].matches(NAME)) {
      throw new UsageException("--client must be NAME:ROLE, was '" + client + "'");
    }
    return new Subject(parts[0], parts[1], List.of(), List.of(), false);
  }

  private DevelopmentCa authority(Instant from, Instant to) throws IOException {
    Path certificate = folder.resolve("ca.pem");
    Path key = folder.resolve("ca.key");
    if (Files.exists(certificate) && Files.exists(key)) {
      return DevelopmentCa.load(certificate.toString(), key.toString());
    }
    DevelopmentCa authority = DevelopmentCa.create("modelctl development CA", from, to);
    write("ca", authority.self());
    return authority;
  }

  private static String file(Subject subject) {
    return subject.server() ? "server" : subject.commonName();
  }

  private void write(String name, Issued issued) throws IOException {
    replace(folder.resolve(name + ".key"), issued.keyPem());
    replace(folder.resolve(name + ".pem"), issued.certificatePem());
  }

  /** A key is never there for others to read, not even for a moment. */
  private static void replace(Path file, String pem) throws IOException {
    Files.deleteIfExists(file);
    boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
    if (posix) {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    Files.write(
        file,
        pem.getBytes(StandardCharsets.US_ASCII),
        posix ? StandardOpenOption.WRITE : StandardOpenOption.CREATE_NEW);
  }

  private void explain(List<Subject> subjects, Instant to) {
    Modelctl out = modelctl;
    out.print(
        "Keys and certificates for development are in " + folder + ", valid until " + to + ".");
    out.print(
        "Whoever has ca.key can make more of them: keep it, and use another CA in production.");
    out.print("");
    out.print("Start a server that only their owners may use:");
    out.print(
        "  ./modelctl serve --tls-cert "
            + pem("server")
            + " --tls-key "
            + folder.resolve("server.key")
            + " --tls-ca "
            + pem("ca"));
    for (Subject subject : subjects) {
      if (!subject.server()) {
        out.print("Talk to it as " + subject.commonName() + ", role " + subject.roleOrNull() + ":");
        out.print(
            "  ./modelctl --server mcps://"
                + hosts.get(0)
                + ":9001 --ca "
                + pem("ca")
                + " --cert "
                + pem(subject.commonName())
                + " --key "
                + folder.resolve(subject.commonName() + ".key")
                + " models");
      }
    }
  }

  private Path pem(String name) {
    return folder.resolve(name + ".pem");
  }
}

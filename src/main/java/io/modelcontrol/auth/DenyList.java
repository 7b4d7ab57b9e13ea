package io.modelcontrol.auth;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * Keeps out identities by name, and certificates by serial number, whoever has signed them. The
 * entries can be replaced at any time; sessions that are there are judged again by {@link #denies}.
 */
public final class DenyList implements AuthInterceptor {
  private static final String SERIAL = "serial:";

  private volatile Set<String> entries = Set.of();

  /**
   * Replaces all entries.
   *
   * @param lines a name, or {@code serial:} and hexadecimal digits; empty lines and those that
   *     begin with # are skipped
   */
  public void replace(Iterable<String> lines) {
    Set<String> fresh = new HashSet<>();
    for (String line : lines) {
      String entry = line.strip();
      if (!entry.isEmpty() && !entry.startsWith("#")) {
        fresh.add(entry.startsWith(SERIAL) ? serial(entry.substring(SERIAL.length())) : entry);
      }
    }
    entries = Set.copyOf(fresh);
  }

  private static String serial(String digits) {
    return SERIAL + digits.replace(":", "").toLowerCase(Locale.ROOT).replaceFirst("^0+(?=.)", "");
  }

  /** Whether an identity is kept out. */
  public boolean denies(Identity identity) {
    Set<String> now = entries;
    return now.contains(identity.name())
        || identity.serial() != null && now.contains(serial(identity.serial()));
  }

  /** Number of entries. */
  public int size() {
    return entries.size();
  }

  @Override
  public Set<Fact> needs() {
    return Set.of(Fact.IDENTIFIED);
  }

  @Override
  public void authenticate(Login login) {
    if (login.name() != null && denies(login.identity())) {
      String text = "the identity or its certificate was revoked";
      throw McpException.sessionError(ErrorCode.UNAUTHENTICATED, text, new RevokedException(text));
    }
  }

  @Override
  public Vote authorize(Identity identity, Access access) {
    return denies(identity) ? Vote.DENY : Vote.ABSTAIN;
  }

  /** The cause of a refusal by this list, which tells it from others. */
  public static final class RevokedException extends Exception {
    private static final long serialVersionUID = 1L;

    RevokedException(String message) {
      super(message);
    }
  }
}

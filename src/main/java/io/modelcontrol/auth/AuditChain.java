package io.modelcontrol.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The hash chain of an audit log: each line ends with the SHA-256 of the line before it and of its
 * own text, so that no line can be changed, removed or moved without all after it being made anew.
 */
public final class AuditChain {
  /** What the first line follows. */
  public static final String START = "0".repeat(64);

  private static final Pattern LINE = Pattern.compile("(\\{.*),\"hash\":\"([0-9a-f]{64})\"}");

  private String head;
  private long lines;

  /** A chain whose last line has this hash. */
  public AuditChain(String head, long lines) {
    this.head = head;
    this.lines = lines;
  }

  /** The next line, from a JSON object's text. */
  public String append(String json) {
    String open = json.substring(0, json.length() - 1);
    head = hash(head, open);
    lines++;
    return open + ",\"hash\":\"" + head + "\"}";
  }

  /** Whether a line follows the ones before it; it becomes the last one then. */
  public boolean follows(String line) {
    Matcher matcher = LINE.matcher(line);
    if (!matcher.matches() || !hash(head, matcher.group(1)).equals(matcher.group(2))) {
      return false;
    }
    head = matcher.group(2);
    lines++;
    return true;
  }

  /** The hash of the last line. */
  public String head() {
    return head;
  }

  /** Number of lines. */
  public long lines() {
    return lines;
  }

  private static String hash(String before, String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(before.getBytes(StandardCharsets.US_ASCII));
      digest.update(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}

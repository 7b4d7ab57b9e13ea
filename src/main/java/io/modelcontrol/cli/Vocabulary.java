package io.modelcontrol.cli;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The pieces of text that a language model's tokens stand for, in the manner of SentencePiece:
 * U+2581 is a blank, {@code <0x0A>} a byte, and other names in angle brackets stand for no text.
 */
final class Vocabulary {
  private static final char BLANK = '\u2581';
  private static final Pattern BYTE = Pattern.compile("<0x[0-9A-Fa-f]{2}>");
  private static final Pattern CONTROL = Pattern.compile("</?[a-z_]+>");

  private final List<String> pieces;
  private final Map<String, Integer> ids = new HashMap<>();
  private final int longest;

  private Vocabulary(List<String> pieces) {
    this.pieces = pieces;
    int max = 1;
    for (int id = 0; id < pieces.size(); id++) {
      ids.putIfAbsent(pieces.get(id), id);
      max = Math.max(max, pieces.get(id).length());
    }
    this.longest = max;
  }

  /**
   * Reads a JSON array of pieces, in the order of their ids.
   *
   * @throws UsageException if it is none
   */
  static Vocabulary parse(String json) {
    try {
      List<String> pieces = new ArrayList<>();
      for (Object piece : new JsonArray(json)) {
        if (!(piece instanceof String text)) {
          throw noVocabulary(null);
        }
        pieces.add(text);
      }
      return new Vocabulary(pieces);
    } catch (DecodeException e) {
      throw noVocabulary(e);
    }
  }

  private static UsageException noVocabulary(Throwable causeOrNull) {
    return new UsageException("--vocab must be a JSON array of strings", causeOrNull);
  }

  /** The bytes that a token stands for, none for one that stands for no text. */
  byte[] bytes(long token) {
    if (token < 0 || token >= pieces.size()) {
      return "\uFFFD".getBytes(StandardCharsets.UTF_8);
    }
    String piece = pieces.get((int) token);
    if (BYTE.matcher(piece).matches()) {
      return new byte[] {(byte) Integer.parseInt(piece.substring(3, 5), 16)};
    }
    return CONTROL.matcher(piece).matches()
        ? new byte[0]
        : piece.replace(BLANK, ' ').getBytes(StandardCharsets.UTF_8);
  }

  /**
   * The tokens of a text after a blank: at each place the longest piece that fits, and bytes where
   * none does. A trained tokenizer may choose others.
   *
   * @throws UsageException if the vocabulary lacks a character
   */
  List<Long> encode(String text) {
    String rest = BLANK + text.replace(' ', BLANK);
    List<Long> tokens = new ArrayList<>();
    for (int at = 0; at < rest.length(); ) {
      String piece = longestAt(rest, at);
      if (piece == null) {
        int end = rest.offsetByCodePoints(at, 1);
        addBytes(rest.substring(at, end).replace(BLANK, ' '), tokens);
        at = end;
      } else {
        tokens.add((long) ids.get(piece));
        at += piece.length();
      }
    }
    return tokens;
  }

  private String longestAt(String text, int at) {
    for (int end = Math.min(text.length(), at + longest); end > at; end--) {
      String piece = text.substring(at, end);
      if (ids.containsKey(piece) && !CONTROL.matcher(piece).matches()) {
        return piece;
      }
    }
    return null;
  }

  private void addBytes(String character, List<Long> tokens) {
    for (byte b : character.getBytes(StandardCharsets.UTF_8)) {
      Integer id = ids.get(String.format("<0x%02X>", b));
      if (id == null) {
        throw new UsageException("the vocabulary has no token for '" + character + "'");
      }
      tokens.add((long) id);
    }
  }

  /** Text that grows by tokens, whose characters may be spread over several of them. */
  final class Text {
    private final ByteArrayOutputStream unfinished = new ByteArrayOutputStream();
    private boolean begun;

    /** What the text grows by; the blank before its first word is left out. */
    String append(long token) {
      unfinished.writeBytes(bytes(token));
      byte[] bytes = unfinished.toByteArray();
      int whole = wholeCharacters(bytes);
      String text = new String(bytes, 0, whole, StandardCharsets.UTF_8);
      unfinished.reset();
      unfinished.write(bytes, whole, bytes.length - whole);
      if (!begun && !text.isEmpty()) {
        begun = true;
        return text.startsWith(" ") ? text.substring(1) : text;
      }
      return text;
    }

    /** What is left of a character that was cut off. */
    String end() {
      return unfinished.toString(StandardCharsets.UTF_8);
    }
  }

  /** The bytes before a character of UTF-8 that is begun and not finished at the end. */
  private static int wholeCharacters(byte[] bytes) {
    int start = bytes.length - 1;
    while (start >= 0 && start > bytes.length - 4 && (bytes[start] & 0xC0) == 0x80) {
      start--;
    }
    if (start < 0) {
      return bytes.length;
    }
    int lead = bytes[start] & 0xFF;
    int length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    return start + length > bytes.length ? start : bytes.length;
  }
}

package io.modelcontrol.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * JSON that somebody else wrote and that decides whom to trust. RFC 8259 to the letter, and no name
 * twice in an object, so that no other reader can see another value than this one. Objects become
 * maps, arrays lists, and numbers stay the text that they are: nothing here calculates.
 */
final class StrictJson {
  /** A number, as it was written. */
  record Literal(String text) {}

  /** What stands for null. */
  static final Literal NULL = new Literal("null");

  /** Deeper than anything that is read here. */
  private static final int MAX_DEPTH = 16;

  private static final String NUMBER = "-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?";
  private static final int MAX_NUMBER_LENGTH = 64;
  private static final int HEX = 16;
  private static final int HEX_DIGITS = 4;

  private final String text;
  private int position;

  private StrictJson(String text) {
    this.text = text;
  }

  /**
   * Reads a text that holds one object.
   *
   * @throws IllegalArgumentException if it is none, with the place
   */
  static Map<String, Object> object(String text) {
    StrictJson reader = new StrictJson(text);
    reader.space();
    if (reader.peek() != '{') {
      throw reader.wrong("an object");
    }
    Map<String, Object> object = reader.object(1);
    reader.space();
    if (reader.position != text.length()) {
      throw reader.wrong("the end");
    }
    return object;
  }

  private Object value(int depth) {
    if (depth > MAX_DEPTH) {
      throw new IllegalArgumentException("more than " + MAX_DEPTH + " levels");
    }
    return switch (peek()) {
      case '{' -> object(depth);
      case '[' -> array(depth);
      case '"' -> string();
      case 't' -> literal("true", true);
      case 'f' -> literal("false", false);
      case 'n' -> literal("null", NULL);
      default -> number();
    };
  }

  private Map<String, Object> object(int depth) {
    Map<String, Object> object = new LinkedHashMap<>();
    position++;
    space();
    if (takes('}')) {
      return object;
    }
    do {
      space();
      String name = string();
      space();
      expect(':');
      space();
      if (object.putIfAbsent(name, value(depth + 1)) != null) {
        throw new IllegalArgumentException("a name stands twice in an object");
      }
      space();
    } while (takes(','));
    expect('}');
    return object;
  }

  private List<Object> array(int depth) {
    List<Object> array = new ArrayList<>();
    position++;
    space();
    if (takes(']')) {
      return array;
    }
    do {
      space();
      array.add(value(depth + 1));
      space();
    } while (takes(','));
    expect(']');
    return array;
  }

  private String string() {
    expect('"');
    StringBuilder string = new StringBuilder();
    while (!takes('"')) {
      char c = next();
      if (c < ' ') {
        throw wrong("no control character");
      }
      string.append(c == '\\' ? escaped() : c);
    }
    return string.toString();
  }

  private char escaped() {
    char c = next();
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> unicode();
      default -> throw wrong("an escape");
    };
  }

  private char unicode() {
    int value = 0;
    for (int i = 0; i < HEX_DIGITS; i++) {
      int digit = Character.digit(next(), HEX);
      if (digit < 0) {
        throw wrong("a hexadecimal digit");
      }
      value = value * HEX + digit;
    }
    return (char) value;
  }

  private Literal number() {
    int start = position;
    while (position < text.length() && "+-.eE0123456789".indexOf(text.charAt(position)) >= 0) {
      position++;
    }
    String number = text.substring(start, position);
    if (number.length() > MAX_NUMBER_LENGTH || !number.matches(NUMBER)) {
      position = start;
      throw wrong("a value");
    }
    return new Literal(number);
  }

  private Object literal(String word, Object value) {
    if (!text.startsWith(word, position)) {
      throw wrong("a value");
    }
    position += word.length();
    return value;
  }

  private void space() {
    while (position < text.length() && " \t\r\n".indexOf(text.charAt(position)) >= 0) {
      position++;
    }
  }

  private char peek() {
    if (position >= text.length()) {
      throw wrong("more");
    }
    return text.charAt(position);
  }

  private char next() {
    char c = peek();
    position++;
    return c;
  }

  private boolean takes(char c) {
    if (position >= text.length() || text.charAt(position) != c) {
      return false;
    }
    position++;
    return true;
  }

  private void expect(char c) {
    if (!takes(c)) {
      throw wrong("'" + c + "'");
    }
  }

  private IllegalArgumentException wrong(String expected) {
    return new IllegalArgumentException("expected " + expected + " at character " + position);
  }
}

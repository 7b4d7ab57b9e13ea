package io.modelcontrol.cli;

import java.util.function.Consumer;

/** A text that is printed as it grows, indented, in lines that end between words. */
final class StoryText {
  private static final String INDENT = "    ";
  private static final int WIDTH = 76;

  private final Vocabulary.Text text;
  private final Consumer<String> out;
  private final StringBuilder all = new StringBuilder();
  private int column;

  /**
   * @param out prints a part of a line, at once
   */
  StoryText(Vocabulary vocabulary, Consumer<String> out) {
    this.text = vocabulary.new Text();
    this.out = out;
  }

  void append(long token) {
    print(text.append(token));
  }

  /** Ends the last line. */
  void end() {
    print(text.end());
    out.accept(System.lineSeparator());
  }

  String text() {
    return all.toString();
  }

  private void print(String more) {
    all.append(more);
    for (int i = 0; i < more.length(); i++) {
      print(more.charAt(i));
    }
  }

  private void print(char character) {
    boolean wraps = character == ' ' && column >= WIDTH;
    if (character == '\n' || wraps) {
      out.accept(System.lineSeparator());
      column = 0;
      return;
    }
    if (column == 0) {
      out.accept(INDENT);
    }
    out.accept(String.valueOf(character));
    column++;
  }
}

package io.modelcontrol.verticle;

import java.util.Collection;
import java.util.Locale;

/** Finds what a mistyped word was probably meant to be: the least Levenshtein distance. */
final class NearestWord {
  private NearestWord() {}

  /** The nearest of the known words, or {@code null} where none is near. */
  static String of(String word, Collection<String> known) {
    String nearest = null;
    // More than a third of the letters wrong is another word.
    int least = Math.max(2, word.length() / 3) + 1;
    for (String candidate : known) {
      int distance = distance(word.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
      // A word that goes on, as streamWindow does to streamWindowBytes, lacks only its unit.
      distance = candidate.startsWith(word) ? Math.min(distance, 1) : distance;
      distance = Math.min(distance, 1 + prefixDistance(word, candidate));
      if (distance < least) {
        least = distance;
        nearest = candidate;
      }
    }
    return nearest;
  }

  /** How far a word is from the beginning of a longer one. */
  private static int prefixDistance(String word, String candidate) {
    int length = Math.min(word.length(), candidate.length());
    return distance(
        word.toLowerCase(Locale.ROOT), candidate.substring(0, length).toLowerCase(Locale.ROOT));
  }

  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}

package org.efficienttrain.curriculum;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the word that a misspelt or shortened one was probably meant to be, for messages. */
public final class Nearest {
  private Nearest() {}

  /**
   * The candidate whose initials these are ({@code lr}: learningRate), or that begins with the word
   * ({@code batch}: batchSize), or else needs the fewest insertions, deletions and substitutions.
   */
  public static String of(String word, Collection<String> candidates) {
    String lower = word.toLowerCase(Locale.ROOT);
    return candidates.stream()
        .min(
            Comparator.comparing((String c) -> !initials(c).equals(lower))
                .thenComparing(c -> !c.toLowerCase(Locale.ROOT).startsWith(lower))
                .thenComparing(c -> distance(c.toLowerCase(Locale.ROOT), lower)))
        .orElseThrow();
  }

  /**
   * The same, or nothing where it is as likely that another thing was meant: more than half of the
   * word would have to change.
   */
  public static Optional<String> likely(String word, Collection<String> candidates) {
    String lower = word.toLowerCase(Locale.ROOT);
    return Optional.of(of(word, candidates))
        .filter(
            c ->
                initials(c).equals(lower)
                    || c.toLowerCase(Locale.ROOT).startsWith(lower)
                    || 2 * distance(c.toLowerCase(Locale.ROOT), lower) <= lower.length());
  }

  /** First letters of a name's words, as in {@code learningRate}. */
  private static String initials(String name) {
    return name.substring(0, 1) + name.replaceAll("[^A-Z]", "").toLowerCase(Locale.ROOT);
  }

  /** Levenshtein distance. */
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

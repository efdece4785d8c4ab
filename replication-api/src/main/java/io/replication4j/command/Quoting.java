package io.replication4j.command;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Quotes words so that a POSIX shell reads back exactly them: sh(1), "Quoting", single quotes. */
public final class Quoting {

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

  private Quoting() {}

  /** The word itself where that is safe, else in single quotes. */
  public static String quote(String word) {
    return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  /** The quoted words with a space between. */
  public static String quote(List<String> words) {
    return words.stream().map(Quoting::quote).collect(Collectors.joining(" "));
  }
}

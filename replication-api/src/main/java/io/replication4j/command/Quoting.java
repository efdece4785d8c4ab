package io.replication4j.command;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Quotes words so that a POSIX shell reads back exactly them: sh(1), "Quoting", single quotes. */
public final class Quoting {

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

  /** As it is quoted here. */
  private static final Pattern WORD = Pattern.compile("(?:'[^']*+'|\\\\.|[^\\s'\\\\]++)++");

  private Quoting() {}

  /** The word itself where that is safe, else in single quotes. */
  public static String quote(String word) {
    return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  /**
   * For people: of each word that is several lines no more than the first one, {@code sh -c '# what
   * it does …' sh ARGUMENTS}.
   *
   * @param text quoted words, a line or several
   */
  public static String summary(String text) {
    return WORD.matcher(text)
        .replaceAll(
            found -> {
              String word = found.group();
              int end = word.indexOf('\n');
              return Matcher.quoteReplacement(end < 0 ? word : word.substring(0, end) + " …'");
            });
  }

  /** The quoted words with a space between. */
  public static String quote(List<String> words) {
    return words.stream().map(Quoting::quote).collect(Collectors.joining(" "));
  }
}

package io.replication4j;

import java.util.regex.Pattern;

/** What every name must satisfy before it may become a command's argument. */
final class Names {

  private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}");

  private Names() {}

  /** A word that no tool can take for an option and no parser for two lines. */
  static String requireArgument(String what, String value) {
    if (value.isEmpty() || value.charAt(0) == '-') {
      throw new IllegalArgumentException(what + " is empty or starts with '-': '" + value + "'");
    }
    if (value.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          what + " holds a control character: '" + value.replaceAll("\\p{Cntrl}", "?") + "'");
    }
    return value;
  }

  /** A name of ours, or one that every backend can store: letters, digits and {@code _.:-}. */
  static String requireLabel(String what, String value) {
    if (!LABEL.matcher(value).matches()) {
      throw new IllegalArgumentException(
          what
              + " must be 1 to 100 of A-Z a-z 0-9 _ . : - and start with a letter or digit: '"
              + value.replaceAll("\\p{Cntrl}", "?")
              + "'");
    }
    return value;
  }
}

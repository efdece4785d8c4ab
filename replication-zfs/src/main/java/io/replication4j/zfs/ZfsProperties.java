package io.replication4j.zfs;

import java.util.Optional;

/**
 * The names of our user properties. ZFS allows them lower case letters, digits and {@code -_.:}; a pair's name may hold upper
 * case ones too: {@code A} is written {@code _a}, and {@code _} is written {@code __}.
 */
final class ZfsProperties {

  /** Never set; see {@link ZfsCommands#flush}. */
  static final String FLUSH = "io.replication4j:flush";

  private static final String STATE = "io.replication4j:state.";

  private ZfsProperties() {}

  static String state(String pair) {
    StringBuilder name = new StringBuilder(STATE);
    for (char c : pair.toCharArray()) {
      if (c == '_' || Character.isUpperCase(c)) {
        name.append('_');
      }
      name.append(Character.toLowerCase(c));
    }
    return name.toString();
  }

  /** The pair whose record this property is; empty for any other property. */
  static Optional<String> pair(String property) {
    if (!property.startsWith(STATE)) {
      return Optional.empty();
    }
    StringBuilder pair = new StringBuilder();
    for (int i = STATE.length(); i < property.length(); i++) {
      char c = property.charAt(i);
      if (c == '_' && i + 1 < property.length()) {
        i++;
        c = Character.toUpperCase(property.charAt(i));
      }
      pair.append(c);
    }
    return pair.isEmpty() ? Optional.empty() : Optional.of(pair.toString());
  }
}

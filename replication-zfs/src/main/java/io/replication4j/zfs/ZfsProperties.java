package io.replication4j.zfs;

/**
 * The names of our user properties. ZFS allows them lower case letters, digits and {@code -_.:}; a
 * pair's name may hold upper case ones too: {@code A} is written {@code _a}, and {@code _} is
 * written {@code __}.
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
}

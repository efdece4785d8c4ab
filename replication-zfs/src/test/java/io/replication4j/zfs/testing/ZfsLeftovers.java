package io.replication4j.zfs.testing;

import java.util.Set;
import java.util.TreeSet;

/** Tells what a sync on ZFS makes for itself from what it leaves on purpose. */
public final class ZfsLeftovers {

  private ZfsLeftovers() {}

  /**
   * Of these rows of {@code zfs list -H -o name,userrefs}: datasets that are on their way to
   * another name, and snapshots that something holds.
   */
  public static Set<String> among(String listing) {
    Set<String> leftovers = new TreeSet<>();
    for (String row : listing.lines().toList()) {
      String[] words = row.split("\t");
      if (isOne(words[0]) || !Set.of("-", "0").contains(words[1])) {
        leftovers.add(row);
      }
    }
    return leftovers;
  }

  static boolean isOne(String dataset) {
    return dataset.contains("r4j-successor:") || dataset.endsWith("-moving");
  }
}

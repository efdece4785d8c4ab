package io.replication4j.btrfs.testing;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;

/** Tells what a sync on btrfs makes for itself from what it leaves on purpose. */
public final class BtrfsLeftovers {

  private static final String OURS = ".replication4j";

  private BtrfsLeftovers() {}

  /**
   * Of these paths of subvolumes and spools: spools; copies beside their place; internal snapshots,
   * but one witness of each copy.
   */
  public static Set<String> among(Collection<String> subvolumes) {
    Set<String> leftovers = new TreeSet<>();
    Set<String> witnessed = new HashSet<>();
    for (String path : new TreeSet<>(subvolumes)) {
      if (path.contains(OURS + "-")) {
        leftovers.add(path);
      }
      if (FakeSpool.isSpool("/" + path)) {
        leftovers.add(path);
      }
      String[] parts = path.split("/(?=\\.replication4j/)", 2);
      String[] ours = parts[parts.length - 1].split("/"); // .replication4j, leaf, set, entry
      if (ours.length == 4 && ours[0].equals(OURS) && ours[2].startsWith(".")) {
        boolean witness =
            ours[2].startsWith(".installed-")
                && witnessed.add(
                    path.substring(0, path.length() - ours[2].length() - ours[3].length() - 1)
                        + ours[3]);
        if (!witness) {
          leftovers.add(path);
        }
      }
    }
    return leftovers;
  }
}

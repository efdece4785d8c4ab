package io.replication4j.zfs;

import io.replication4j.spi.StorageBackend.RootedStep;
import java.util.ArrayList;
import java.util.List;

/**
 * Which snapshots can be taken by one {@code zfs snapshot}: of one pool, all with or all without
 * {@code -r}, no dataset twice.
 */
final class ZfsGroups {

  private ZfsGroups() {}

  static List<List<RootedStep>> of(List<RootedStep> steps) {
    List<List<RootedStep>> groups = new ArrayList<>();
    for (RootedStep step : steps) {
      List<RootedStep> group =
          groups.stream()
              .filter(some -> some.stream().allMatch(other -> fit(step, other)))
              .findFirst()
              .orElseGet(
                  () -> {
                    List<RootedStep> fresh = new ArrayList<>();
                    groups.add(fresh);
                    return fresh;
                  });
      group.add(step);
    }
    return groups;
  }

  private static boolean fit(RootedStep one, RootedStep other) {
    return ZfsCommands.pool(one.root().value()).equals(ZfsCommands.pool(other.root().value()))
        && one.step().recursive() == other.step().recursive()
        && !one.root().isWithin(other.root())
        && !other.root().isWithin(one.root());
  }
}

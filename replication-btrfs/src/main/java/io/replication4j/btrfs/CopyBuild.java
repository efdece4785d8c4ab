package io.replication4j.btrfs;

import io.replication4j.command.Command;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/** Builds a tree of copies beside the place that it is for. Pure. */
final class CopyBuild {

  private CopyBuild() {}

  /**
   * The commands that build copies of the set {@code name} and take a witness of each.
   *
   * @param slot the internal directory for the witnesses
   */
  static List<Command> commands(
      BtrfsLayout layout, String name, List<String> unsorted, String slot, BtrfsOptions.Copy kind) {
    List<String> members = List.copyOf(new TreeSet<>(unsorted)); // parents first
    List<Command> commands = new ArrayList<>();
    commands.add(
        BtrfsCommands.setReadOnly(
            members.stream().map(m -> layout.snapshot(name, m)).toList(), true));
    commands.add(
        BtrfsCommands.writableSnapshots(
            pairs(members, m -> layout.snapshot(name, m), m -> copy(layout, m))));
    restoreTimes(layout, name, members).ifPresent(commands::add);
    commands.add(BtrfsCommands.makeDirectories(layout.internal(slot)));
    commands.add(
        BtrfsCommands.readOnlySnapshots(
            pairs(
                members,
                m -> copy(layout, m),
                m -> layout.internal(slot) + "/" + BtrfsLayout.entry(m))));
    if (kind == BtrfsOptions.Copy.READ_ONLY) {
      commands.add(
          BtrfsCommands.setReadOnly(members.stream().map(m -> copy(layout, m)).toList(), true));
    }
    return commands;
  }

  /** Placing a nested copy changes the times of the directory that it is placed in. */
  private static Optional<Command> restoreTimes(
      BtrfsLayout layout, String name, List<String> members) {
    List<List<String>> directories = new ArrayList<>();
    for (String member : members) {
      if (!member.isEmpty()) {
        String holder = holderOf(member, members);
        String directory = member.contains("/") ? member.substring(0, member.lastIndexOf('/')) : "";
        String below =
            directory.substring(
                Math.min(directory.length(), holder.isEmpty() ? 0 : holder.length()));
        directories.add(
            List.of(layout.snapshot(name, holder) + slashed(below), copy(layout, directory)));
      }
    }
    return directories.isEmpty()
        ? Optional.empty()
        : Optional.of(BtrfsCommands.copyTimes(directories.stream().distinct().toList()));
  }

  private static String slashed(String path) {
    return path.isEmpty() || path.startsWith("/") ? path : "/" + path;
  }

  /** The member whose snapshot holds the directory that {@code member} lies in. */
  private static String holderOf(String member, List<String> members) {
    return members.stream()
        .filter(
            other -> !other.equals(member) && (other.isEmpty() || member.startsWith(other + "/")))
        .max(Comparator.comparingInt(String::length))
        .orElse("");
  }

  private static List<List<String>> pairs(
      List<String> members, UnaryOperator<String> from, UnaryOperator<String> to) {
    return members.stream().map(m -> List.of(from.apply(m), to.apply(m))).toList();
  }

  private static String copy(BtrfsLayout layout, String member) {
    return BtrfsLayout.at(layout.next(), member);
  }
}

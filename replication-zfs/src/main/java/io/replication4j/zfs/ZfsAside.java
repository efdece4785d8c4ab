package io.replication4j.zfs;

import io.replication4j.FilesystemName;
import io.replication4j.SyncStep.Base;
import io.replication4j.SyncStep.KeepAside;
import io.replication4j.command.Command;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Puts a changed replica aside. With a base, the changed dataset becomes a clone of the base in its successor: a clone of the
 * base is made and promoted, takes over the children, and then the place. The base's snapshot gets the aside's name, because it
 * is the aside's origin now and must outlive the rotation; it stays the base by its identity.
 *
 * <p>The aside stands beside the pair's root, where no later sync takes it for a replica's child.
 */
final class ZfsAside {

  private final ZfsBackend backend;
  private final ZfsCommands tools;

  ZfsAside(ZfsBackend backend, ZfsCommands tools) {
    this.backend = backend;
    this.tools = tools;
  }

  List<Command> commands(FilesystemName root, KeepAside step) throws InterruptedException {
    String place = root.child(step.member()).value();
    String aside = aside(root, step.member(), step.asideName());
    Optional<Base> base = step.base();
    return base.isEmpty()
        ? List.of(ZfsCommands.rename(place, aside))
        : exchange(place, step.member().isEmpty(), aside, base.get().name(), step.asideName());
  }

  private List<Command> exchange(
      String place, boolean isRoot, String aside, String base, String keptName)
      throws InterruptedException {
    ZfsTypes there = ZfsTypes.look(backend, place);
    String successor = aside + ".base";
    List<List<String>> moves = new ArrayList<>();
    for (String child : there.childrenOf(place)) {
      moves.add(List.of(place + "/" + child, successor + "/" + child));
    }
    moves.add(List.of(place, aside));
    moves.add(List.of(successor, place));
    moves.add(List.of(place + "@" + base, place + "@" + keptName));
    List<Command> commands = new ArrayList<>();
    commands.add(tools.cloneOf(place + "@" + base, successor, !there.isFilesystem(place)));
    commands.add(ZfsCommands.promote(successor));
    commands.add(ZfsCommands.renameEach(moves));
    if (tools.capabilities().mountsReceived() && there.isFilesystem(place) && !isRoot) {
      commands.add(ZfsCommands.inherit(ZfsCommands.MOUNTPOINT, List.of(place)));
    }
    return commands;
  }

  /** {@code pool/data-ASIDE} for the root {@code pool/data}, {@code pool/data-ASIDE:a:b} for its member {@code a/b}. */
  static String aside(FilesystemName root, String member, String asideName) {
    String suffix = member.isEmpty() ? "" : ":" + member.replace('/', ':');
    boolean pool = !root.value().contains("/");
    return root.value() + (pool ? "/" : "-") + asideName + suffix;
  }
}

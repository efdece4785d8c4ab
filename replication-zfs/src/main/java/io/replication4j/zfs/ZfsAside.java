package io.replication4j.zfs;

import io.replication4j.FilesystemName;
import io.replication4j.SyncStep.KeepAside;
import io.replication4j.command.Command;
import io.replication4j.command.CommandRunner;
import java.util.ArrayList;
import java.util.List;

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

  /** The commands, of which the first of an exchange only looks for children; what it finds is in the others. */
  List<Command> commands(FilesystemName root, KeepAside step) throws InterruptedException {
    String place = root.child(step.member()).value();
    if (step.base().isEmpty()) {
      return List.of(ZfsCommands.rename(place, aside(root, step.member(), step.asideName())));
    }
    List<Command> commands = new ArrayList<>(List.of(ZfsCommands.types(place)));
    commands.addAll(exchange(root, step, ZfsTypes.look(backend, place, backend.runner())));
    return commands;
  }

  /** Runs what {@link #commands} shows, with the children that there are now. */
  void perform(FilesystemName root, KeepAside step, CommandRunner runner) throws InterruptedException {
    List<Command> commands =
        step.base().isEmpty()
            ? commands(root, step)
            : exchange(root, step, ZfsTypes.look(backend, root.child(step.member()).value(), runner));
    for (Command command : commands) {
      backend.runOrFail(command, runner);
    }
  }

  private List<Command> exchange(FilesystemName root, KeepAside step, ZfsTypes there) {
    String place = root.child(step.member()).value();
    String aside = aside(root, step.member(), step.asideName());
    String successor = aside + ".base";
    String base = "@" + step.base().orElseThrow().name();
    List<List<String>> moves = new ArrayList<>();
    for (String child : there.childrenOf(place)) {
      moves.add(List.of(place + "/" + child, successor + "/" + child));
    }
    moves.add(List.of(place, aside));
    moves.add(List.of(successor, place));
    moves.add(List.of(place + base, place + "@" + step.asideName()));
    List<Command> commands = new ArrayList<>();
    commands.add(tools.cloneOf(place + base, successor, !there.isFilesystem(place)));
    commands.add(ZfsCommands.promote(successor));
    commands.add(ZfsCommands.renameEach(moves));
    if (tools.capabilities().mountsClones() && there.isFilesystem(place)) {
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

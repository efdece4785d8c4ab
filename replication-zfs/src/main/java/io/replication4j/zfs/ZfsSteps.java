package io.replication4j.zfs;

import io.replication4j.FilesystemName;
import io.replication4j.SyncStep;
import io.replication4j.UnsupportedException;
import io.replication4j.command.Command;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The commands of each step. */
final class ZfsSteps {

  private final ZfsBackend backend;
  private final ZfsCommands tools;

  ZfsSteps(ZfsBackend backend, ZfsCommands tools) {
    this.backend = backend;
    this.tools = tools;
  }

  List<Command> commands(FilesystemName root, SyncStep step) throws InterruptedException {
    if (step instanceof SyncStep.Prepare) {
      List<Command> commands = new ArrayList<>(prepare(root));
      commands.addAll(new ZfsAside(backend, tools).unfinished(root));
      return commands;
    } else if (step instanceof SyncStep.CreateSnapshot create) {
      return tools.snapshot(
          names(root, create.members(), create.name(), create.recursive()), create.recursive());
    } else if (step instanceof SyncStep.RenameSnapshot rename) {
      return rename(root, rename);
    } else if (step instanceof SyncStep.DestroySnapshot destroy) {
      return destroy(root, destroy);
    } else if (step instanceof SyncStep.Hold hold) {
      return List.of(hold(root, "hold", hold.tag(), hold.name(), hold.members(), hold.recursive()));
    } else if (step instanceof SyncStep.Release release) {
      return List.of(
          hold(
              root,
              "release",
              release.tag(),
              release.name(),
              release.members(),
              release.recursive()));
    }
    return dataset(root, step);
  }

  private List<Command> dataset(FilesystemName root, SyncStep step) throws InterruptedException {
    if (step instanceof SyncStep.CreateBookmark mark) {
      String dataset = root.child(mark.member()).value();
      return List.of(
          tools.bookmark(dataset + "@" + mark.snapshot(), dataset + "#" + mark.bookmark()));
    } else if (step instanceof SyncStep.SetProperty set) {
      return List.of(
          ZfsCommands.set(set.property(), set.value(), List.of(root.child(set.member()).value())));
    } else if (step instanceof SyncStep.AbortReceive abort) {
      return List.of(ZfsCommands.abort(ZfsCommands.datasets(root, abort.members().stream())));
    } else if (step instanceof SyncStep.RollBack back) {
      return List.of(ZfsCommands.rollBack(root.child(back.member()) + "@" + back.to()));
    } else if (step instanceof SyncStep.KeepAside aside) {
      return new ZfsAside(backend, tools).commands(root, aside);
    } else if (step instanceof SyncStep.RenameMember rename) {
      return List.of(rename(root.child(rename.from()).value(), root.child(rename.to()).value()));
    } else if (step instanceof SyncStep.DestroyMember destroy) {
      return List.of(ZfsCommands.destroyTree(root.child(destroy.member()).value()));
    }
    throw new UnsupportedException(
        step.getClass().getSimpleName()
            + " is not a step of ZFS: what is received is what is read"
            + " (leave it out of the plan)",
        null);
  }

  /** Every missing parent by itself: {@code create -p} gives its options to the last one only. */
  private static List<Command> prepare(FilesystemName root) {
    List<String> parents =
        Stream.iterate(
                ZfsObserver.parent(root.value()),
                Optional::isPresent,
                p -> ZfsObserver.parent(p.get()))
            .map(Optional::get)
            .filter(parent -> parent.contains("/"))
            .sorted()
            .toList();
    return parents.isEmpty() ? List.of() : List.of(ZfsCommands.createParents(parents));
  }

  private static List<String> names(
      FilesystemName root, List<String> members, String name, boolean recursive) {
    return ZfsCommands.snapshots(root, recursive ? List.of("") : members, name);
  }

  /** {@code -r} begins at a snapshot that must exist: only if the root is among the members. */
  private static boolean isTree(boolean recursive, List<String> members) {
    return recursive && members.contains("");
  }

  private static List<Command> rename(FilesystemName root, SyncStep.RenameSnapshot step) {
    if (isTree(step.recursive(), step.members())) {
      return List.of(ZfsCommands.renameTree(root + "@" + step.from(), root + "@" + step.to()));
    }
    List<List<String>> pairs = new ArrayList<>();
    for (String member : step.members()) {
      pairs.add(
          List.of(root.child(member) + "@" + step.from(), root.child(member) + "@" + step.to()));
    }
    return List.of(ZfsCommands.renameSnapshots(pairs));
  }

  private Command rename(String from, String to) throws InterruptedException {
    ZfsTypes there = ZfsTypes.look(backend, from, backend.runner());
    return tools.rename(from, to, !there.isFilesystem(from));
  }

  private static List<Command> destroy(FilesystemName root, SyncStep.DestroySnapshot step) {
    return List.of(
        isTree(step.recursive(), step.members())
            ? ZfsCommands.destroyTree(root + "@" + step.name())
            : ZfsCommands.destroyEach(ZfsCommands.snapshots(root, step.members(), step.name())));
  }

  private static Command hold(
      FilesystemName root,
      String verb,
      String tag,
      String name,
      List<String> members,
      boolean recursive) {
    boolean tree = isTree(recursive, members);
    return ZfsCommands.hold(verb, tag, names(root, members, name, tree), tree);
  }
}

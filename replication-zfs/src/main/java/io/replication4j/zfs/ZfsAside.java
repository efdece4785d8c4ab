package io.replication4j.zfs;

import io.replication4j.FilesystemName;
import io.replication4j.SyncStep.KeepAside;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts a changed replica aside. With a base, the changed dataset becomes a clone of the base in its
 * successor: a clone of the base is made and promoted, takes over the children, and then the place.
 * The base's snapshot gets the aside's name first, because it will be the aside's origin and must
 * outlive the rotation; it stays the base by its identity.
 *
 * <p>From the clone on, the {@link ZfsSuccessor}'s name tells a later run what is left to do: it
 * sees what will be, and {@code Prepare} does the rest.
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

  /**
   * The commands, of which the first only looks for what kind it is and for children; what it finds
   * is in the others.
   */
  List<Command> commands(FilesystemName root, KeepAside step) throws InterruptedException {
    String place = root.child(step.member()).value();
    List<Command> commands = new ArrayList<>(List.of(ZfsCommands.types(place)));
    commands.addAll(moves(root, step, ZfsTypes.look(backend, place, backend.runner())));
    return commands;
  }

  /** Runs what {@link #commands} shows, with the children that there are now. */
  void perform(FilesystemName root, KeepAside step, CommandRunner runner)
      throws InterruptedException {
    ZfsTypes there = ZfsTypes.look(backend, root.child(step.member()).value(), runner);
    backend.runAllOrFail(moves(root, step, there), runner);
  }

  private List<Command> moves(FilesystemName root, KeepAside step, ZfsTypes there) {
    String place = root.child(step.member()).value();
    return step.base().isPresent()
        ? exchange(root, step, there)
        : List.of(
            tools.rename(
                place, aside(root, step.member(), step.asideName()), !there.isFilesystem(place)));
  }

  private List<Command> exchange(FilesystemName root, KeepAside step, ZfsTypes there) {
    ZfsSuccessor successor = ZfsSuccessor.of(root, step);
    String place = successor.place();
    String base = step.base().orElseThrow().name();
    List<Command> commands = new ArrayList<>();
    if (!base.equals(step.asideName())) {
      commands.add(ZfsCommands.renameSnapshot(place + "@" + base, successor.base(place)));
    }
    boolean volume = !there.isFilesystem(place);
    commands.add(tools.cloneOf(successor.base(place), successor.dataset(), volume));
    commands.add(ZfsCommands.promote(successor.dataset()));
    commands.addAll(moves(successor, volume, true, there));
    return commands;
  }

  /**
   * The children in commands of their own: a batch goes on after a failure, and none may be left in
   * the aside.
   *
   * @param there what stands at the place
   */
  private List<Command> moves(
      ZfsSuccessor successor, boolean volume, boolean occupied, ZfsTypes there) {
    List<Command> commands = new ArrayList<>();
    if (tools.capabilities().mountsClones() && !volume) {
      commands.add(ZfsCommands.inherit(ZfsCommands.MOUNTPOINT, List.of(successor.dataset())));
    }
    for (boolean volumes : new boolean[] {false, true}) {
      List<List<String>> fromTo =
          there.childrenOf(successor.place()).stream()
              .filter(child -> there.isFilesystem(successor.place() + "/" + child) != volumes)
              .map(
                  child ->
                      List.of(successor.place() + "/" + child, successor.dataset() + "/" + child))
              .toList();
      if (!fromTo.isEmpty()) {
        commands.add(tools.renameEach(fromTo, volumes));
      }
    }
    if (occupied) {
      commands.add(tools.rename(successor.place(), successor.aside(), volume));
    }
    commands.add(tools.rename(successor.dataset(), successor.place(), volume));
    return commands;
  }

  /**
   * What is left to do of every exchange that was cut here, from wherever it was cut; nothing if
   * none was.
   */
  List<Command> unfinished(FilesystemName root) throws InterruptedException {
    List<Command> commands = new ArrayList<>();
    for (ZfsSuccessor successor : leftBehind(root)) {
      ZfsTypes ours = ZfsTypes.look(backend, successor.dataset(), backend.runner());
      ZfsTypes theirs = ZfsTypes.look(backend, successor.place(), backend.runner());
      if (!holdsBase(successor)) {
        commands.add(ZfsCommands.promote(successor.dataset()));
      }
      commands.addAll(
          moves(
              successor,
              !ours.isFilesystem(successor.dataset()),
              theirs.has(successor.place()),
              theirs));
    }
    return commands;
  }

  private List<ZfsSuccessor> leftBehind(FilesystemName root) throws InterruptedException {
    Command below = ZfsCommands.below(ZfsSuccessor.home(root));
    return ZfsSuccessor.among(ZfsTypes.ask(backend, below, backend.runner()).names(), root);
  }

  /** The base lies in the successor from the promotion on. */
  private boolean holdsBase(ZfsSuccessor successor) throws InterruptedException {
    Command command = ZfsCommands.snapshotName(successor.base(successor.dataset()));
    CommandResult result = backend.runner().run(command);
    if (!result.succeeded() && ZfsErrors.absent(result.errorTail()).isEmpty()) {
      throw backend.failure(command, result);
    }
    return result.succeeded();
  }

  /**
   * {@code pool/data-ASIDE} for the root {@code pool/data}, {@code pool/data-ASIDE:a:b} for its
   * member {@code a/b}.
   */
  static String aside(FilesystemName root, String member, String asideName) {
    String suffix = member.isEmpty() ? "" : ":" + member.replace('/', ':');
    boolean pool = !root.value().contains("/");
    return root.value() + (pool ? "/" : "-") + asideName + suffix;
  }
}

package io.replication4j.btrfs;

import io.replication4j.AlreadyExistsException;
import io.replication4j.FilesystemName;
import io.replication4j.Side;
import io.replication4j.SyncStep;
import io.replication4j.btrfs.CopyInstaller.Fate;
import io.replication4j.command.Command;
import io.replication4j.command.CommandRunner;
import io.replication4j.spi.StorageBackend.RootedStep;
import java.util.ArrayList;
import java.util.List;

/**
 * Says what the steps come to on one host, and does them: {@link Steps}, or a {@link CopyInstaller}
 * where it has to look.
 */
final class StepPerformer {

  private final BtrfsHost host;
  private final BtrfsOptions options;
  private final CommandRunner runner;
  private final Exchange exchange = new Exchange();

  StepPerformer(BtrfsHost host, BtrfsOptions options, CommandRunner runner) {
    this.host = host;
    this.options = options;
    this.runner = runner;
  }

  /** The exact commands of {@link #perform}. */
  List<Command> commands(FilesystemName root, SyncStep step) throws InterruptedException {
    if (step instanceof SyncStep.RenameSnapshot rename) {
      return Steps.rename(host.layout(root, runner), rename);
    } else if (step instanceof SyncStep.SetProperty property) {
      return Steps.setProperty(host.layout(root, runner), property);
    }
    return commands(host.lastKnown(root, runner), step);
  }

  private List<Command> commands(View view, SyncStep step) throws InterruptedException {
    if (step instanceof SyncStep.InstallCopy install) {
      return installer(runner).commands(view, install.name(), install.members(), fate(install));
    } else if (step instanceof SyncStep.CheckUnmodified) {
      return checkCommands(view);
    } else if (step instanceof SyncStep.RollBack back) {
      return installer(runner)
          .commands(view, back.to(), members(view, back.to(), back.member()), new Fate.Discard());
    } else if (step instanceof SyncStep.KeepAside aside) {
      return keepAsideCommands(view, aside);
    }
    return plainCommands(view, step);
  }

  private List<Command> plainCommands(View view, SyncStep step) {
    if (step instanceof SyncStep.Prepare) {
      return Steps.prepare(view);
    } else if (step instanceof SyncStep.CreateSnapshot create) {
      return Steps.createSnapshots(List.of(view), List.of(create));
    } else if (step instanceof SyncStep.DestroySnapshot destroy) {
      return Steps.destroy(view, destroy);
    } else if (step instanceof SyncStep.AbortReceive abort) {
      List<Command> commands = new ArrayList<>(Steps.abort(view, abort));
      if (abort.members().contains("")) {
        commands.addAll(installer(runner).finishing(view));
        commands.addAll(removeCheck(view, abort));
      }
      return commands;
    }
    throw Steps.unsupported(runner.host(), step);
  }

  void perform(FilesystemName root, SyncStep step, CommandRunner through)
      throws InterruptedException {
    CopyInstaller installer = installer(through);
    if (step instanceof SyncStep.InstallCopy install) {
      installer.install(root, install.name(), install.members(), fate(install));
    } else if (step instanceof SyncStep.CheckUnmodified check) {
      checkUnmodified(root, check, installer, through);
    } else if (step instanceof SyncStep.RollBack back) {
      View view = host.lastSeen(root, through);
      installer.install(
          root, back.to(), members(view, back.to(), back.member()), new Fate.Discard());
    } else if (step instanceof SyncStep.KeepAside aside) {
      keepAside(root, aside, installer, through);
    } else if (step instanceof SyncStep.AbortReceive abort) {
      abort(root, abort, installer, through);
    } else {
      performPlain(root, step, through);
    }
  }

  private void abort(
      FilesystemName root,
      SyncStep.AbortReceive step,
      CopyInstaller installer,
      CommandRunner through)
      throws InterruptedException {
    host.runAll(Steps.abort(host.lastSeen(root, through), step), through);
    host.forgetView(root);
    if (step.members().contains("")) {
      View view = installer.finish(root);
      List<Command> left = removeCheck(view, step);
      if (!left.isEmpty()) {
        host.runAll(left, through);
        host.forgetView(root);
      }
    }
  }

  /** A target removes it when it begins the next check. */
  private static List<Command> removeCheck(View view, SyncStep.AbortReceive step) {
    return step.side() == Side.SOURCE ? CopyCheck.removal(view) : List.of();
  }

  private void performPlain(FilesystemName root, SyncStep step, CommandRunner through)
      throws InterruptedException {
    if (step instanceof SyncStep.Prepare) {
      prepare(root, through);
      return;
    }
    boolean simple =
        step instanceof SyncStep.RenameSnapshot || step instanceof SyncStep.SetProperty;
    List<Command> commands =
        simple ? commands(root, step) : commands(host.lastSeen(root, through), step);
    host.forgetView(root); // whatever becomes of them
    host.runAll(commands, through);
  }

  /** What was seen stays true, unless the place was empty. */
  private void prepare(FilesystemName root, CommandRunner through) throws InterruptedException {
    View view = host.lastSeen(root, through);
    List<Command> commands = Steps.prepare(view);
    try {
      host.runAll(commands, through);
    } catch (AlreadyExistsException e) {
      List<Command> rest = Steps.prepare(host.look(root, false, through));
      if (rest.equals(commands)) {
        throw e;
      }
      host.runAll(rest, through); // another pair prepares the same place
    }
    host.expect(view.layout().holder());
    if (view.layout().isMountPoint()) { // our own subvolume lies inside
      host.forgetView(root);
    }
    if (!CopyInstaller.placing(view).isEmpty()) {
      host.forgetView(root);
    }
  }

  private CopyInstaller installer(CommandRunner through) {
    return new CopyInstaller(host, options, exchange, through);
  }

  private static Fate fate(SyncStep.InstallCopy install) {
    if (install.discards()) {
      return new Fate.Discard();
    }
    return install.replaces().isPresent() ? new Fate.DiscardUnchanged() : new Fate.None();
  }

  /** All that has a snapshot of that name: a tree of copies is only ever replaced as a whole. */
  private static List<String> members(View view, String name, String member) {
    List<String> members = view.set(name).stream().map(View.Entry::path).sorted().toList();
    return members.isEmpty() ? List.of(member) : members;
  }

  private List<Command> checkCommands(View view) {
    List<Command> commands = new ArrayList<>();
    commands.add(BtrfsCommands.flush(view.layout().mount().point()));
    commands.add(BtrfsCommands.list(view.layout().mount().point()));
    commands.addAll(new CopyCheck(host, runner).commands(view, view.layout().path()));
    return commands;
  }

  private void checkUnmodified(
      FilesystemName root,
      SyncStep.CheckUnmodified step,
      CopyInstaller installer,
      CommandRunner through)
      throws InterruptedException {
    View view = host.look(root, true, through);
    CopyCheck.Result result = new CopyCheck(host, through).check(view, view.layout().path());
    host.forgetView(root);
    if (result.change().isPresent()) {
      String aside =
          view.layout()
              .aside(
                  step.asideName()
                      .orElseThrow(() -> installer.diverged(view.layout(), result.change().get())));
      installer.install(root, step.name(), members(view, step.name(), ""), new Fate.Keep(aside));
    }
  }

  private List<Command> keepAsideCommands(View view, SyncStep.KeepAside step)
      throws InterruptedException {
    String aside = aside(view.layout(), step);
    if (step.base().isPresent()) {
      String name = step.base().get().name();
      return installer(runner)
          .commands(view, name, members(view, name, step.member()), new Fate.Keep(aside));
    }
    boolean there = view.live().containsKey(step.member());
    return there
        ? List.of(BtrfsCommands.rename(view.layout().live(step.member()), aside))
        : List.of();
  }

  private void keepAside(
      FilesystemName root, SyncStep.KeepAside step, CopyInstaller installer, CommandRunner through)
      throws InterruptedException {
    View view = host.lastSeen(root, through);
    if (step.base().isPresent()) {
      String name = step.base().get().name();
      installer.install(
          root,
          name,
          members(view, name, step.member()),
          new Fate.Keep(aside(view.layout(), step)));
    } else {
      host.runAll(keepAsideCommands(view, step), through);
      host.forgetView(root);
    }
  }

  private static String aside(BtrfsLayout layout, SyncStep.KeepAside step) {
    boolean whole = step.base().isPresent() || step.member().isEmpty();
    return layout.aside(whole ? step.asideName() : step.asideName() + "-" + step.member());
  }

  /** One batch for all. */
  List<Command> groupSnapshot(List<RootedStep> steps) throws InterruptedException {
    List<View> views = new ArrayList<>();
    for (RootedStep step : steps) {
      views.add(host.lastSeen(step.root(), runner));
    }
    return Steps.createSnapshots(views, steps.stream().map(RootedStep::step).toList());
  }
}

package io.replication4j.zfs;

import io.replication4j.FilesystemName;
import io.replication4j.SyncStep.MemberSend;
import io.replication4j.SyncStep.Send;
import io.replication4j.command.Command;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a replica still needs when its stream was received. New ones: the properties that the receive could not set. On a host
 * whose receive mounts what it gets: unmounting, and for new ones also taking back the access times that mounting changed.
 */
final class ZfsReceived {

  private final ZfsBackend backend;
  private final ZfsOptions options;

  ZfsReceived(ZfsBackend backend, ZfsOptions options) {
    this.backend = backend;
    this.options = options;
  }

  List<Command> commands(FilesystemName root, Send send) throws InterruptedException {
    boolean mounts = backend.capabilities().mountsReceived();
    List<MemberSend> created =
        send.members().stream().filter(member -> member.base().isEmpty()).toList();
    if (created.isEmpty() && !mounts) {
      return List.of();
    }
    ZfsMounts there = ZfsMounts.look(backend, root.child(send.members().get(0).path()).value());
    List<String> datasets =
        ZfsCommands.datasets(root, created.stream().map(MemberSend::path));
    List<String> filesystems = datasets.stream().filter(there::isFilesystem).toList();
    List<Command> commands = new ArrayList<>();
    if (mounts) {
      takeDown(root, send, there, datasets, commands);
    }
    String canmount = options.receivedOverrides().getOrDefault(ZfsCommands.CANMOUNT, "");
    if (!filesystems.isEmpty() && !canmount.isEmpty()) {
      commands.add(ZfsCommands.set(ZfsCommands.CANMOUNT, canmount, filesystems));
    }
    if (mounts && !filesystems.isEmpty()) {
      commands.add(ZfsCommands.rollBackEach(snapshots(root, created, filesystems)));
    }
    return commands;
  }

  /** Setting {@code canmount=off} unmounts what is mounted, and is content with what is not. */
  private void takeDown(
      FilesystemName root, Send send, ZfsMounts there, List<String> created, List<Command> commands) {
    List<String> filesystems = created.stream().filter(there::isFilesystem).toList();
    List<String> mounted =
        ZfsCommands.datasets(root, send.members().stream().map(MemberSend::path)).stream()
            .filter(name -> there.isMounted(name) && !created.contains(name))
            .sorted(Comparator.reverseOrder())
            .toList();
    if (!filesystems.isEmpty()) {
      commands.add(ZfsCommands.set(ZfsCommands.CANMOUNT, "off", filesystems));
    }
    if (!mounted.isEmpty()) {
      commands.add(ZfsCommands.unmount(mounted));
    }
    if (!created.isEmpty()) {
      options.receivedExcludes().forEach(name -> commands.add(ZfsCommands.inherit(name, created)));
      options.receivedOverrides().forEach(
          (name, value) -> {
            if (!name.equals(ZfsCommands.CANMOUNT)) {
              commands.add(ZfsCommands.set(name, value, created));
            }
          });
    }
    if (!filesystems.isEmpty()) { // the next receive mounts again, and looks into directories
      commands.add(ZfsCommands.set("atime", "off", filesystems));
    }
  }

  private static List<String> snapshots(
      FilesystemName root, List<MemberSend> created, List<String> filesystems) {
    return created.stream()
        .filter(member -> filesystems.contains(root.child(member.path()).value()))
        .map(member -> root.child(member.path()) + "@" + member.snapshot())
        .toList();
  }
}

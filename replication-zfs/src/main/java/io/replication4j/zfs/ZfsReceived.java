package io.replication4j.zfs;

import io.replication4j.FilesystemName;
import io.replication4j.SyncStep.MemberSend;
import io.replication4j.SyncStep.Send;
import io.replication4j.command.Command;
import java.util.ArrayList;
import java.util.List;

/**
 * What new replicas still need when their stream was received: the properties that the receive could not set. On a host whose
 * receive mounts what it gets, they are also unmounted, what mounting changed (access times) is taken back, and they lose their
 * mount point: otherwise each further stream would mount them again, and so modify them.
 */
final class ZfsReceived {

  private final ZfsBackend backend;
  private final ZfsOptions options;

  ZfsReceived(ZfsBackend backend, ZfsOptions options) {
    this.backend = backend;
    this.options = options;
  }

  List<Command> commands(FilesystemName root, Send send) throws InterruptedException {
    List<MemberSend> created =
        send.members().stream().filter(member -> member.base().isEmpty()).toList();
    if (created.isEmpty()) {
      return List.of();
    }
    String first = root.child(send.members().get(0).path()).value();
    ZfsTypes there = ZfsTypes.look(backend, first, backend.runner());
    List<String> datasets = ZfsCommands.datasets(root, created.stream().map(MemberSend::path));
    List<String> filesystems = datasets.stream().filter(there::isFilesystem).toList();
    List<Command> commands = new ArrayList<>();
    boolean mounts = backend.capabilities().mountsReceived();
    if (mounts) {
      commands.addAll(takeDown(root, datasets, filesystems));
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

  private List<Command> takeDown(
      FilesystemName root, List<String> created, List<String> filesystems) {
    List<Command> commands = new ArrayList<>();
    if (!filesystems.isEmpty()) { // unmounts what is mounted, and is content with what is not
      commands.add(ZfsCommands.set(ZfsCommands.CANMOUNT, "off", filesystems));
    }
    for (String property : options.receivedExcludes()) {
      commands.addAll(withoutReceived(property, root, created, filesystems));
    }
    options.receivedOverrides().forEach(
        (name, value) -> {
          if (!name.equals(ZfsCommands.CANMOUNT)) {
            commands.add(ZfsCommands.set(name, value, created));
          }
        });
    return commands;
  }

  private static List<Command> withoutReceived(
      String property, FilesystemName root, List<String> created, List<String> filesystems) {
    if (!property.equals(ZfsCommands.MOUNTPOINT)) {
      return List.of(ZfsCommands.inherit(property, created));
    }
    List<Command> commands = new ArrayList<>();
    if (filesystems.contains(root.value())) {
      commands.add(ZfsCommands.set(property, "none", List.of(root.value())));
    }
    List<String> others = filesystems.stream().filter(name -> !name.equals(root.value())).toList();
    if (!others.isEmpty()) {
      commands.add(ZfsCommands.inherit(property, others));
    }
    return commands;
  }

  private static List<String> snapshots(
      FilesystemName root, List<MemberSend> created, List<String> filesystems) {
    return created.stream()
        .filter(member -> filesystems.contains(root.child(member.path()).value()))
        .map(member -> root.child(member.path()) + "@" + member.snapshot())
        .toList();
  }
}

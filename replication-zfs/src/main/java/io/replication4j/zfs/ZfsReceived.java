package io.replication4j.zfs;

import io.replication4j.FilesystemName;
import io.replication4j.SyncStep.MemberSend;
import io.replication4j.SyncStep.Send;
import io.replication4j.command.Command;
import java.util.ArrayList;
import java.util.List;

/**
 * What new replicas still need when their stream was received: the properties that the receive
 * could not set.
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
    if (!backend.capabilities().receives('o')) {
      commands.addAll(properties(datasets, filesystems));
    }
    String canmount = options.receivedOverrides().getOrDefault(ZfsCommands.CANMOUNT, "");
    if (!filesystems.isEmpty() && !canmount.isEmpty()) {
      commands.add(ZfsCommands.set(ZfsCommands.CANMOUNT, canmount, filesystems));
    }
    return commands;
  }

  /** What {@code receive -o} and {@code -x} do elsewhere. */
  private List<Command> properties(List<String> datasets, List<String> filesystems) {
    List<Command> commands = new ArrayList<>();
    for (String property : options.receivedExcludes()) {
      boolean ofFilesystems = property.equals(ZfsCommands.MOUNTPOINT);
      List<String> those = ofFilesystems ? filesystems : datasets;
      if (!those.isEmpty()) {
        commands.add(ZfsCommands.inherit(property, those));
      }
    }
    options
        .receivedOverrides()
        .forEach(
            (name, value) -> {
              if (!name.equals(ZfsCommands.CANMOUNT)) {
                commands.add(ZfsCommands.set(name, value, datasets));
              }
            });
    return commands;
  }
}

package io.replication4j.zfs;

import io.replication4j.UnexpectedOutputException;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Filesystems and volumes of a tree. What is not there (yet: a plan is only being shown) counts as
 * a filesystem.
 */
final class ZfsTypes {

  private final Map<String, String> types = new LinkedHashMap<>();

  private ZfsTypes() {}

  /** What there is at and below {@code dataset}; nothing if it does not exist. One listing. */
  static ZfsTypes look(ZfsBackend backend, String dataset, CommandRunner runner)
      throws InterruptedException {
    return ask(backend, ZfsCommands.types(dataset), runner);
  }

  /** What {@code command} lists; nothing if what it asks for does not exist. */
  static ZfsTypes ask(ZfsBackend backend, Command command, CommandRunner runner)
      throws InterruptedException {
    CommandResult result = runner.run(command);
    if (result.succeeded()) {
      return parse(result.output());
    }
    if (ZfsErrors.absent(result.errorTail()).isEmpty()) {
      throw backend.failure(command, result);
    }
    return new ZfsTypes();
  }

  static ZfsTypes parse(String output) {
    ZfsTypes mounts = new ZfsTypes();
    for (String line : output.lines().toList()) {
      String[] columns = line.split("\t", -1);
      if (columns.length != 2) {
        throw new UnexpectedOutputException(
            "zfs list: a row is not a name and a type: '" + line + "'", null);
      }
      mounts.types.put(columns[0], columns[1].toLowerCase(Locale.ROOT));
    }
    return mounts;
  }

  boolean isFilesystem(String name) {
    return types.getOrDefault(name, "filesystem").equals("filesystem");
  }

  Set<String> names() {
    return types.keySet();
  }

  boolean has(String name) {
    return types.containsKey(name);
  }

  /** The last parts of the names of what lies directly below. */
  List<String> childrenOf(String name) {
    return types.keySet().stream()
        .filter(other -> other.startsWith(name + "/"))
        .map(other -> other.substring(name.length() + 1))
        .filter(path -> !path.contains("/"))
        .toList();
  }
}

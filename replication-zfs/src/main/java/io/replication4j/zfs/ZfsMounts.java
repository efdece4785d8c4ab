package io.replication4j.zfs;

import io.replication4j.UnexpectedOutputException;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Filesystems and volumes of a tree, and whether they are mounted. What is not there (yet: a plan is only being shown) counts
 * as a mounted filesystem.
 */
final class ZfsMounts {

  private final Map<String, String> types = new LinkedHashMap<>();
  private final Map<String, Boolean> mounted = new LinkedHashMap<>();

  private ZfsMounts() {}

  /** What there is at and below {@code dataset}; nothing if it does not exist. One listing. */
  static ZfsMounts look(ZfsBackend backend, String dataset) throws InterruptedException {
    Command command = ZfsCommands.mounts(dataset);
    CommandResult result = backend.runner().run(command);
    if (result.succeeded()) {
      return parse(result.output());
    }
    if (ZfsErrors.absent(result.errorTail()).isEmpty()) {
      throw backend.failure(command, result);
    }
    return new ZfsMounts();
  }

  static ZfsMounts parse(String output) {
    ZfsMounts mounts = new ZfsMounts();
    for (String line : output.lines().toList()) {
      String[] columns = line.split("\t", -1);
      if (columns.length != 3) {
        throw new UnexpectedOutputException(
            "zfs list: a row is not a name, a type and 'mounted': '" + line + "'", null);
      }
      mounts.types.put(columns[0], columns[1].toLowerCase(Locale.ROOT));
      mounts.mounted.put(columns[0], columns[2].equals("yes"));
    }
    return mounts;
  }

  boolean isFilesystem(String name) {
    return types.getOrDefault(name, "filesystem").equals("filesystem");
  }

  boolean isMounted(String name) {
    return mounted.getOrDefault(name, true);
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

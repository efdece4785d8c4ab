package io.replication4j.testing;

import io.replication4j.FilesystemName;
import io.replication4j.command.Command;
import io.replication4j.command.CommandRunner;
import io.replication4j.spi.StorageBackend;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One host's storage as a test sees it: it changes and reads filesystems behind the library's back,
 * as their users do. Every method has taken effect when it returns. Used by one thread.
 */
public interface Site {

  /** Runs commands on this host, without faults. Closed with the {@link World}. */
  CommandRunner runner();

  /**
   * A new backend for this host that speaks by {@code runner}, as a program that has just started
   * makes it.
   */
  StorageBackend backend(CommandRunner runner);

  /**
   * The name of a filesystem on this site's scratch storage, which nothing else uses.
   *
   * @param leaf one part or several, separated by {@code /}
   */
  FilesystemName name(String leaf);

  /**
   * Creates an empty, mounted, writable filesystem below one that exists; a child becomes a
   * filesystem of its own.
   */
  void create(FilesystemName filesystem);

  /** Renames a filesystem with its descendants and snapshots, within the site. */
  void rename(FilesystemName from, FilesystemName to);

  /** Destroys a filesystem with its descendants and snapshots. */
  void destroy(FilesystemName filesystem);

  /** Whether there is a filesystem of that name with live data. */
  boolean exists(FilesystemName filesystem);

  /**
   * Creates or replaces a file. Makes a filesystem writable and mounted first, if a replica is
   * neither.
   */
  void write(FilesystemName filesystem, String file, String text);

  /** Deletes a file. Makes a filesystem writable and mounted first, if a replica is neither. */
  void delete(FilesystemName filesystem, String file);

  /**
   * What the filesystem holds, descendants' contents not included: by the path of each file its
   * text and, where the storage has such, its mode, owner and extended attributes.
   */
  Map<String, String> content(FilesystemName filesystem);

  /** What several filesystems hold, in their order. */
  default List<Map<String, String>> contents(List<FilesystemName> filesystems) {
    return filesystems.stream().map(this::content).toList();
  }

  /**
   * What snapshot {@code snapshot} of the member at {@code path} below {@code root} holds, in the
   * form of {@link #content}.
   */
  Map<String, String> content(FilesystemName root, String path, String snapshot);

  /**
   * Where {@link io.replication4j.SyncStep.KeepAside} puts a member.
   *
   * @param member its path below {@code root}, empty for the root itself
   * @param asideName as in the step
   */
  FilesystemName aside(FilesystemName root, String member, String asideName);

  /**
   * What a sync makes for itself and takes away again, as far as it stands here: copies that are
   * being built or were replaced, snapshots that are being taken or compared, parts of streams,
   * holds. Empty when every sync has come to its end.
   */
  Set<String> leftovers();

  /**
   * Whether {@code command} is one that {@link StorageBackend#observe} lists with; flushes and
   * probes are not.
   */
  boolean isListing(Command command);

  /** How many of them one look takes. */
  default int listingCommands() {
    return 1;
  }
}

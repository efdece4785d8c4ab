package io.replication4j.spi;

import static java.util.Objects.requireNonNull;

import io.replication4j.FilesystemName;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one look at a filesystem found.
 *
 * @param members the filesystem (path "") and, if asked for, its descendants, parents first,
 *     siblings by name; empty if neither the filesystem nor anything of its rotation exists. A
 *     member of which only snapshots are left (btrfs) is listed with {@link LiveState.Kind#ABSENT}.
 * @param filesystemId the identity of the filesystem itself, by which a record is known to be its
 *     own; empty exactly if there is no record to be found: members is empty, or the backend keeps
 *     records where they cannot be taken for another's
 * @param states the records found, by pair, as the text that was stored; already checked to be this
 *     filesystem's own
 * @param prepared whether {@link io.replication4j.SyncStep.Prepare} has nothing to do here
 * @param availableBytes what can still be written here; empty where the backend does not say
 */
public record Observation(
    FilesystemName root,
    List<ObservedFilesystem> members,
    String filesystemId,
    Map<String, String> states,
    boolean prepared,
    Optional<Long> availableBytes) {

  public Observation {
    requireNonNull(root, "root");
    members = List.copyOf(members);
    requireNonNull(filesystemId, "filesystemId");
    states = Map.copyOf(states);
    requireNonNull(availableBytes, "availableBytes");
  }

  /** Nothing is there. */
  public static Observation absent(FilesystemName root, boolean prepared) {
    return new Observation(root, List.of(), "", Map.of(), prepared, Optional.empty());
  }

  public Optional<ObservedFilesystem> member(String path) {
    return members.stream().filter(m -> m.path().equals(path)).findFirst();
  }

  public Observation withMembers(List<ObservedFilesystem> newMembers) {
    return new Observation(root, newMembers, filesystemId, states, prepared, availableBytes);
  }
}

package io.replication4j.btrfs.testing;

import java.util.Optional;
import java.util.TreeMap;

/** What has a name in the btrfs in memory. Times count the changes of the whole filesystem. */
sealed interface FakeNode {

  /** A file; its text stands for whatever it holds. */
  record FakeFile(String text, long time) implements FakeNode {}

  /** A directory. */
  sealed class FakeDirectory implements FakeNode {

    final TreeMap<String, FakeNode> entries = new TreeMap<>();
    final boolean isPlace;
    long time;

    /**
     * @param isPlace whether it is what a snapshot shows of a subvolume that was nested in its
     *     origin: always empty, and not sent
     */
    FakeDirectory(boolean isPlace, long time) {
      this.isPlace = isPlace;
      this.time = time;
    }

    /** Takes what the other one holds. */
    void copyFrom(FakeDirectory other) {
      time = other.time;
      other.entries.forEach((name, node) -> entries.put(name, copy(node)));
    }

    private static FakeNode copy(FakeNode node) {
      if (node instanceof FakeFile) {
        return node;
      }
      FakeDirectory directory = (FakeDirectory) node;
      FakeDirectory copy =
          new FakeDirectory(
              directory.isPlace || directory instanceof FakeSubvolume, directory.time);
      if (!copy.isPlace) {
        copy.copyFrom(directory);
      }
      return copy;
    }
  }

  /** A subvolume. */
  final class FakeSubvolume extends FakeDirectory {

    final long id;
    final String uuid;
    final Optional<String> parentUuid;
    final long createdIn;
    final long createdAt;
    long generation;
    Optional<String> receivedUuid = Optional.empty();
    boolean readOnly;

    FakeSubvolume(
        long id, String uuid, Optional<String> parentUuid, long generation, long createdAt) {
      super(false, generation);
      this.id = id;
      this.uuid = uuid;
      this.parentUuid = parentUuid;
      this.createdIn = generation;
      this.generation = generation;
      this.createdAt = createdAt;
    }

    /** What a stream calls it. */
    String identity() {
      return receivedUuid.orElse(uuid);
    }
  }
}

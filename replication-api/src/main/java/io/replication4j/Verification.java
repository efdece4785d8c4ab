package io.replication4j;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a comparison of a target with the version that it was sent last has found: {@link
 * ReplicationPair#verify}.
 *
 * @param version what was compared: the newest version that both sides hold
 * @param asOf when that was taken; empty where the storage does not keep it
 * @param evidence what the answer rests on
 * @param bytesCompared of each side; 0 where nothing had to be read
 * @param differences parents first, then by offset; at most {@value #MOST_DIFFERENCES}; empty: the
 *     target holds the version, and nothing else but children that the policy keeps
 * @param differingBytes the length of all ranges that differ, those behind the last one that is
 *     listed included
 * @param startedAt by the pair's clock
 * @param completedAt by the pair's clock
 */
public record Verification(
    String pair,
    Endpoint source,
    Endpoint target,
    VersionId version,
    Optional<Instant> asOf,
    Evidence evidence,
    long bytesCompared,
    List<Difference> differences,
    long differingBytes,
    Instant startedAt,
    Instant completedAt) {

  /** As many are listed. */
  public static final int MOST_DIFFERENCES = 1000;

  /** What an answer rests on. */
  public enum Evidence {
    /** Both sides were read from their devices to the last byte, and their digests compared. */
    READ,
    /**
     * The storage knows: both sides hold the version by its identity, it arrived with checksums
     * that were proven, and nothing was written to the target since. What a disk has lost since
     * then only a scrub of the storage finds: zpool-scrub(8), btrfs-scrub(8).
     */
    STORAGE
  }

  /** Where the target is not what was sent. */
  public sealed interface Difference {

    /** The path of the member below the pair's filesystem, empty for that itself. */
    String member();

    /**
     * Bytes that differ, in whole blocks of 4 KiB: in each of them at least one does. Neighbours
     * are one range.
     *
     * @param offset of the first one, in bytes
     * @param length in bytes
     */
    record Range(String member, long offset, long length) implements Difference {
      public Range {
        requireNonNull(member, "member");
        if (offset < 0 || length <= 0) {
          throw new IllegalArgumentException("no range: " + length + " bytes at " + offset);
        }
      }
    }

    /** The sizes differ; as far as the smaller one reaches, both were compared. */
    record Size(String member, long sourceBytes, long targetBytes) implements Difference {
      public Size {
        requireNonNull(member, "member");
      }
    }

    /**
     * Something was written, or the member is missing or was made from another version.
     *
     * @param detail what, as far as the storage tells
     */
    record Content(String member, String detail) implements Difference {
      public Content {
        requireNonNull(member, "member");
        requireNonNull(detail, "detail");
      }
    }
  }

  public Verification {
    requireNonNull(pair, "pair");
    requireNonNull(source, "source");
    requireNonNull(target, "target");
    requireNonNull(version, "version");
    requireNonNull(asOf, "asOf");
    requireNonNull(evidence, "evidence");
    differences = List.copyOf(differences);
    requireNonNull(startedAt, "startedAt");
    requireNonNull(completedAt, "completedAt");
  }

  /**
   * Whether the target holds the version, and nothing else; children that the source does not have
   * are left out of account where the policy keeps them ({@link SyncPolicy.OnRemovedChild#KEEP}).
   */
  public boolean isEqual() {
    return differences.isEmpty();
  }
}

package io.replication4j.btrfs;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * How a {@link BtrfsBackend} arranges things on its host. Immutable.
 *
 * @param copy whether the copy at a target's final location can be written to
 * @param snapshotDirectory where the snapshots of all filesystems of this host are kept; empty:
 *     beside each one, in {@value BtrfsLayout#DIRECTORY}. Must lie on the same filesystem, inside
 *     the same mount
 * @param stream the format of streams that this host sends
 * @param spool whether what arrives on this host is kept as a file until the stream is whole, and
 *     only then received: see {@link Builder#spool}
 */
public record BtrfsOptions(
    Copy copy, Optional<String> snapshotDirectory, Stream stream, boolean spool) {

  /** What stands at the final location of a target. */
  public enum Copy {
    /**
     * A subvolume that can be written to at once. What is written is divergence, and found by the
     * next sync.
     */
    WRITABLE,
    /** A read-only subvolume. */
    READ_ONLY
  }

  /** The format of the stream. */
  public enum Stream {
    /** Protocol 1: every kernel and tool reads it. */
    VERSION_1,
    /**
     * Protocol 2 with data as it is compressed on disk ({@code --proto 2 --compressed-data}): less
     * to move, less to compress. Needs btrfs-progs 5.19 and Linux 6.0 on the sending host, and
     * btrfs-progs 6.2 on the receiving one: {@code btrfs receive} of older ones reads it, but can
     * write wrong data where it has to decompress. {@link io.replication4j.UnsupportedException}
     * where they are older.
     */
    VERSION_2_COMPRESSED,
    /**
     * {@link #VERSION_2_COMPRESSED} if both hosts are known to know it: btrfs-progs 6.2 on both,
     * and a kernel that sends it; else {@link #VERSION_1}. Each host is asked once. The source's
     * options decide.
     */
    AUTO
  }

  public BtrfsOptions {
    requireNonNull(copy, "copy");
    requireNonNull(snapshotDirectory, "snapshotDirectory");
    requireNonNull(stream, "stream");
    snapshotDirectory.ifPresent(BtrfsOptions::requirePath);
  }

  private static void requirePath(String path) {
    if (!path.startsWith("/")
        || path.equals("/")
        || path.endsWith("/")
        || path.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "the snapshot directory must be an absolute path: '" + path + "'");
    }
  }

  /** Writable copies, snapshots beside each filesystem, the newest format that both hosts know. */
  public static BtrfsOptions defaults() {
    return builder().build();
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Collects {@link BtrfsOptions}; not thread-safe. */
  public static final class Builder {

    private Copy copy = Copy.WRITABLE;
    private Optional<String> snapshotDirectory = Optional.empty();
    private Stream stream = Stream.AUTO;
    private boolean spool;

    private Builder() {}

    /** Default {@link Copy#WRITABLE}. */
    public Builder copy(Copy choice) {
      this.copy = requireNonNull(choice, "choice");
      return this;
    }

    /**
     * Default: beside each filesystem.
     *
     * @throws IllegalArgumentException if it is not an absolute path
     */
    public Builder snapshotDirectory(String path) {
      requirePath(path);
      this.snapshotDirectory = Optional.of(path);
      return this;
    }

    /** Default {@link Stream#AUTO}. */
    public Builder stream(Stream choice) {
      this.stream = requireNonNull(choice, "choice");
      return this;
    }

    /**
     * Whether a target keeps what arrives of a stream as a file, beside its snapshots, until the
     * stream is whole; {@code btrfs receive}, which cannot go on where it was interrupted, reads it
     * from there. If a sync is interrupted, the next one makes the same stream once more and
     * compares it with what is there, by digests of each mebibyte: only the rest is moved. Default:
     * no.
     *
     * <p>For streams that take longer than the connection usually lasts. It costs: everything is
     * written twice on the target, the receive begins when the stream has arrived, and there must
     * be room for the spool beside what is received from it (one stream is one subvolume then). Not
     * with {@code Route.DIRECT}.
     */
    public Builder spool(boolean choice) {
      this.spool = choice;
      return this;
    }

    public BtrfsOptions build() {
      return new BtrfsOptions(copy, snapshotDirectory, stream, spool);
    }
  }
}

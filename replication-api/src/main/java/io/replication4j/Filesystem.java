package io.replication4j;

import static java.util.Objects.requireNonNull;

import io.replication4j.internal.Primitives;
import io.replication4j.spi.StorageBackend;
import java.util.List;
import java.util.Optional;

/**
 * A filesystem on a host, and the single steps of a replication: for a host application that
 * composes its own rotation. The ready-made one of {@link ReplicationPair} is built from the same
 * steps.
 *
 * <pre>{@code
 * Snapshot tosend = source.createSnapshot("tosend");
 * source.send(tosend).from(sent).to(target);     // without from: everything
 * target.destroy(target.snapshot("sent"));
 * target.rename(target.snapshot("tosend"), "sent");
 * }</pre>
 *
 * <p>Whatever takes a {@link Version} first looks whether the name still belongs to that identity,
 * and refuses with {@link StalePlanException} if not: a label may have moved on. Immutable and
 * thread-safe; asks the host anew at every call. Every method that asks a host may throw a {@link
 * ReplicationException}; only what is special about one is said with it.
 */
public final class Filesystem {

  private final StorageBackend backend;
  private final FilesystemName name;

  private Filesystem(StorageBackend backend, FilesystemName name) {
    this.backend = backend;
    this.name = name;
  }

  /**
   * What the backends call to make one; nothing is asked of the host.
   *
   * @throws IllegalArgumentException if the backend cannot use such a name
   */
  public static Filesystem of(StorageBackend backend, FilesystemName name) {
    requireNonNull(backend, "backend").requireValid(requireNonNull(name, "name"));
    return new Filesystem(backend, name);
  }

  public FilesystemName name() {
    return name;
  }

  public StorageBackend backend() {
    return backend;
  }

  /** Where it is, in words. */
  public Endpoint endpoint() {
    return new Endpoint(backend.scheme(), backend.runner().host(), name);
  }

  /** Whether it exists, by the word of the host; not being able to ask is an exception. */
  public boolean exists() throws InterruptedException {
    return new Primitives(this).exists();
  }

  /** This filesystem and its descendants, parents first. */
  public List<FilesystemName> tree() throws InterruptedException {
    return new Primitives(this).tree();
  }

  /**
   * Its snapshots and bookmarks, oldest first by {@link Version#order}; empty if there are none.
   *
   * @throws NotFoundException if the filesystem does not exist
   */
  public List<Version> versions() throws InterruptedException {
    return new Primitives(this).versions();
  }

  /** Its snapshots, oldest first; otherwise as {@link #versions}. */
  public List<Snapshot> snapshots() throws InterruptedException {
    return versions().stream()
        .filter(Snapshot.class::isInstance)
        .map(Snapshot.class::cast)
        .toList();
  }

  /**
   * The snapshot of that name.
   *
   * @throws NotFoundException if there is none
   */
  public Snapshot snapshot(String snapshotName) throws InterruptedException {
    return new Primitives(this).snapshot(snapshotName);
  }

  /**
   * Takes a snapshot of this filesystem alone.
   *
   * @throws AlreadyExistsException if it has one of that name
   */
  public Snapshot createSnapshot(String snapshotName) throws InterruptedException {
    return new Primitives(this).createSnapshot(snapshotName);
  }

  /**
   * Takes a snapshot of this filesystem and its descendants: one point in time on ZFS, one right
   * after the other on btrfs. In order of {@link #tree}.
   */
  public List<Snapshot> createTreeSnapshot(String snapshotName) throws InterruptedException {
    return new Primitives(this).createTreeSnapshot(snapshotName);
  }

  /**
   * Takes a snapshot of each of these filesystems, alone, while {@code quiesce} holds the
   * application: one point in time for those of one ZFS pool. In order of the filesystems.
   */
  public static List<Snapshot> createGroupSnapshot(
      List<Filesystem> filesystems, String snapshotName, Quiesce quiesce)
      throws InterruptedException {
    return Primitives.createGroupSnapshot(filesystems, snapshotName, quiesce);
  }

  /**
   * Gives a snapshot another name; returns it with that name.
   *
   * @throws AlreadyExistsException if the new name is taken
   */
  public Snapshot rename(Snapshot snapshot, String newName) throws InterruptedException {
    return new Primitives(this).rename(snapshot, newName);
  }

  /**
   * Destroys a snapshot. Nothing asks whether it is somebody's base: that is the caller's to know.
   *
   * @throws BusyException if something holds it or depends on it
   */
  public void destroy(Snapshot snapshot) throws InterruptedException {
    new Primitives(this).destroy(snapshot);
  }

  /**
   * Keeps a snapshot from being destroyed until {@link #release}. ZFS only.
   *
   * @throws UnsupportedException if the backend has no holds
   */
  public void hold(Snapshot snapshot, String tag) throws InterruptedException {
    new Primitives(this).hold(snapshot, tag);
  }

  /** Ends a {@link #hold}. */
  public void release(Snapshot snapshot, String tag) throws InterruptedException {
    new Primitives(this).release(snapshot, tag);
  }

  /**
   * Remembers a snapshot's place in history, so that an increment can start there after it is gone.
   * ZFS only.
   *
   * @throws UnsupportedException if the backend, or the ZFS of this host, has no bookmarks
   */
  public Bookmark bookmark(Snapshot snapshot, String bookmarkName) throws InterruptedException {
    return new Primitives(this).bookmark(snapshot, bookmarkName);
  }

  /** Discards everything after {@code snapshot}: live data and newer snapshots. */
  public void rollBack(Snapshot snapshot) throws InterruptedException {
    new Primitives(this).rollBack(snapshot);
  }

  /** The value of a property, as the storage prints it; empty if it is not set. */
  public Optional<String> property(String property) throws InterruptedException {
    return new Primitives(this).property(property);
  }

  /** Sets a property of the storage: zfs-set(8), btrfs-property(8). */
  public void setProperty(String property, String value) throws InterruptedException {
    new Primitives(this).setProperty(property, value);
  }

  /** Begins to describe a transfer of {@code snapshot}; {@link Sending#to} runs it. */
  public Sending send(Snapshot snapshot) {
    return new Sending(this, snapshot);
  }

  @Override
  public String toString() {
    return endpoint().toString();
  }
}

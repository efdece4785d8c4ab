package io.replication4j.examples.lab;

import io.replication4j.command.CommandRunner;
import io.replication4j.spi.StorageBackend;
import java.nio.file.Path;

/** Two filesystems in files, one to replicate from and one to replicate to. */
public interface Storage {

  /** {@code btrfs} or {@code zfs}. */
  String scheme();

  /** What reaches this storage by way of {@code runner}. */
  StorageBackend backend(CommandRunner runner);

  /** The name of a new, empty filesystem to replicate. */
  String createSource(String leaf) throws InterruptedException;

  /** The name that its replica is to have. */
  String target(String leaf);

  /** Where the files of a source are. */
  Path sourceDirectory(String leaf);

  /** A nested subvolume, or a child dataset, of a source. */
  void createChild(String leaf, String path) throws InterruptedException;

  /** What {@link #createChild} makes, in the backend's words. */
  String childWord();

  /** Whether files can have extended attributes. */
  boolean hasAttributes();

  /** Whether files can have POSIX ACLs. */
  boolean hasAcls();

  /** Where a source's files can be read without changing anything, as of its newest snapshot. */
  Path openSource(String leaf) throws InterruptedException;

  /** Where a replica's files can be read without changing anything, as of its newest snapshot. */
  Path openTarget(String leaf) throws InterruptedException;

  /** Undoes {@link #openSource} and {@link #openTarget}. */
  void closeBoth(String leaf) throws InterruptedException;

  /** Removes both filesystems with their files. */
  void remove() throws InterruptedException;
}

package io.replication4j.spi;

import static java.util.Objects.requireNonNull;

import io.replication4j.FilesystemName;

/**
 * A filesystem to look at.
 *
 * @param recursive whether its descendants belong to it
 * @param flush whether writes that the host still holds back must show in the answer; true where "nothing
 *     changed" is going to be concluded from it
 */
public record ObserveRequest(FilesystemName root, boolean recursive, boolean flush) {

  public ObserveRequest {
    requireNonNull(root, "root");
  }
}

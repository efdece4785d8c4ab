package io.replication4j.spi;

import static java.util.Objects.requireNonNull;

/**
 * Where the bytes of a filesystem, or of a version of it, can be read by position.
 *
 * @param path of a block device or plain file on the backend's host, absolute
 * @param bytes its size: whole sectors of 512 bytes
 */
public record BlockDevice(String path, long bytes) {

  public BlockDevice {
    requireNonNull(path, "path");
    if (!path.startsWith("/") || bytes < 0) {
      throw new IllegalArgumentException("no device: " + bytes + " bytes at " + path);
    }
  }
}

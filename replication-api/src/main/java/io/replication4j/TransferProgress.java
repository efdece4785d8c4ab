package io.replication4j;

import java.time.Duration;
import java.util.Optional;

/**
 * How far a stream has come.
 *
 * @param bytes moved so far; as long as the target compares what it had kept, a few mebibytes that
 *     wait for that count as moved
 * @param bytesFound of the stream, that were not moved: the target had kept them when an earlier
 *     sync was interrupted
 * @param estimatedBytes what the backend thinks the whole stream will be, what is found included;
 *     empty where it has no estimate. Of ZFS what {@code zfs send -nP} says; of LVM exact, but for
 *     a whole classic volume, where it is the size of the volume: its zeroes are not sent, so that
 *     it may end early. It may become known, or better, while the stream is moved
 * @param elapsed since the stream began
 */
public record TransferProgress(
    String pair, long bytes, long bytesFound, Optional<Long> estimatedBytes, Duration elapsed) {

  /** Of a stream of which nothing was found. */
  public TransferProgress(
      String pair, long bytes, Optional<Long> estimatedBytes, Duration elapsed) {
    this(pair, bytes, 0, estimatedBytes, elapsed);
  }

  /** Mean rate since the stream began; 0 in its first millisecond. */
  public long bytesPerSecond() {
    long millis = elapsed.toMillis();
    return millis == 0 ? 0 : bytes * 1000 / millis;
  }
}

package io.replication4j;

import java.time.Duration;
import java.util.Optional;

/**
 * How far a stream has come.
 *
 * @param bytes moved so far; as long as the target compares what it had kept, up to some mebibytes that
 *     wait for that count as moved
 * @param bytesFound of the stream, that were not moved: the target had kept them when an earlier
 *     sync was interrupted
 * @param estimatedBytes what the backend thinks the whole stream will be; empty where it has no
 *     estimate
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

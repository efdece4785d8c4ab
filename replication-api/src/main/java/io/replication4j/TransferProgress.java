package io.replication4j;

import java.time.Duration;
import java.util.Optional;

/**
 * How far a stream has come.
 *
 * @param bytes moved so far
 * @param estimatedBytes what the backend thinks the whole stream will be; empty where it has no
 *     estimate
 * @param elapsed since the stream began
 */
public record TransferProgress(
    String pair, long bytes, Optional<Long> estimatedBytes, Duration elapsed) {

  /** Mean rate since the stream began; 0 in its first millisecond. */
  public long bytesPerSecond() {
    long millis = elapsed.toMillis();
    return millis == 0 ? 0 : bytes * 1000 / millis;
  }
}

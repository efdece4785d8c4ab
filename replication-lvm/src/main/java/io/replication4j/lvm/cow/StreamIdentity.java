package io.replication4j.lvm.cow;

import io.replication4j.VersionId;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a stream says of itself beyond the kernel's layout. It lies in the header chunk behind what
 * the kernel reads, so that a store with it is a store as before.
 *
 * @param base the version that the stream changes; empty: not told, or the stream holds everything
 * @param target the version that it leads to; empty: not told
 * @param originBytes the size of the volume in the target version, in bytes
 * @param exceptions how many chunks differ; empty: only the end of the stream tells, because they
 *     were looked for while it was written
 */
public record StreamIdentity(
    Optional<VersionId> base,
    Optional<VersionId> target,
    long originBytes,
    OptionalLong exceptions) {

  /** The longest id that a stream can hold, in bytes of UTF-8. */
  public static final int MAX_ID_BYTES = 192;

  /** Throws {@link IllegalArgumentException} for a negative number or an id that is too long. */
  public StreamIdentity {
    if (originBytes < 0 || exceptions.orElse(0) < 0) {
      throw new IllegalArgumentException(
          "negative: " + originBytes + " bytes, " + exceptions.orElse(0) + " exceptions");
    }
    base.ifPresent(StreamIdentity::requireStorable);
    target.ifPresent(StreamIdentity::requireStorable);
  }

  /** Of a stream that knows from the beginning how many chunks differ. */
  public StreamIdentity(
      Optional<VersionId> base, Optional<VersionId> target, long originBytes, long exceptions) {
    this(base, target, originBytes, OptionalLong.of(exceptions));
  }

  private static void requireStorable(VersionId id) {
    if (id.value().getBytes(StandardCharsets.UTF_8).length > MAX_ID_BYTES) {
      throw new IllegalArgumentException(
          "version id of more than " + MAX_ID_BYTES + " bytes: " + id);
    }
  }
}

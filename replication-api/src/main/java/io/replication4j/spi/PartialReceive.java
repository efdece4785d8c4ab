package io.replication4j.spi;

import io.replication4j.VersionId;
import java.util.Optional;

/**
 * A stream that was received in part. It goes on by its {@code token}, or it is sent again and
 * meets what was {@code kept}; otherwise it is thrown away.
 *
 * @param version what it was to become; empty if it cannot be told, and so not resumed
 * @param token where the source goes on ({@code receive_resume_token}); empty if it cannot. Of what
 *     is kept: by what the source makes the same stream again; empty if it needs nothing
 * @param kept whether the target keeps what arrived, and leaves it out when the same version is
 *     sent again from its beginning: {@link StorageBackend#startReceive}
 * @param ofCheck whether nothing was received, but a check of the target was cut: the next one
 *     removes what it left, so it matters only where none follows, because the target is the source
 *     now
 */
public record PartialReceive(
    Optional<VersionId> version, Optional<String> token, boolean kept, boolean ofCheck) {

  public PartialReceive {
    if (kept && version.isEmpty()) {
      throw new IllegalArgumentException("nothing can be sent again for what was kept");
    }
  }

  /** Goes on by the token, if there is one. */
  public PartialReceive(Optional<VersionId> version, Optional<String> token) {
    this(version, token, false);
  }

  /** Something was received. */
  public PartialReceive(Optional<VersionId> version, Optional<String> token, boolean kept) {
    this(version, token, kept, false);
  }

  /** What a check of the target left that was cut. */
  public static PartialReceive leftByCheck() {
    return new PartialReceive(Optional.empty(), Optional.empty(), false, true);
  }

  /** Of no use. */
  public static PartialReceive useless() {
    return new PartialReceive(Optional.empty(), Optional.empty(), false);
  }

  /** What arrived of this version need not arrive again. */
  public static PartialReceive kept(VersionId version) {
    return kept(version, Optional.empty());
  }

  /**
   * The same, if the source makes the same stream again by a token: {@link
   * io.replication4j.SyncStep.Send#resumeToken}, which its {@link StorageBackend#streams} passes
   * on.
   */
  public static PartialReceive kept(VersionId version, Optional<String> token) {
    return new PartialReceive(Optional.of(version), token, true);
  }
}

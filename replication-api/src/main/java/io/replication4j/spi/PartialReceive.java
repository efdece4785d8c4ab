package io.replication4j.spi;

import io.replication4j.VersionId;
import java.util.Optional;

/**
 * A stream that was received in part.
 *
 * @param version what it was to become; empty if it cannot be told, and so not resumed
 * @param token where to go on ({@code receive_resume_token}); empty if it cannot be resumed
 */
public record PartialReceive(Optional<VersionId> version, Optional<String> token) {}

package io.replication4j.command.ssh;

import io.replication4j.command.ConnectionFailedException;
import org.jspecify.annotations.Nullable;

/**
 * The host's key is in no known_hosts file. The message holds its fingerprint and how to add it.
 */
public final class HostKeyUnknownException extends ConnectionFailedException {

  HostKeyUnknownException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

package io.replication4j.command.ssh;

import io.replication4j.command.ConnectionFailedException;
import org.jspecify.annotations.Nullable;

/**
 * The host's key is not the one in the known_hosts file: another host answers, or its key was
 * replaced.
 */
public final class HostKeyChangedException extends ConnectionFailedException {

  HostKeyChangedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

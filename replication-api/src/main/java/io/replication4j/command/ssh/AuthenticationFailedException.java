package io.replication4j.command.ssh;

import io.replication4j.command.ConnectionFailedException;
import org.jspecify.annotations.Nullable;

/**
 * The host accepted none of the keys that were offered; the message names each by its origin and
 * fingerprint.
 */
public final class AuthenticationFailedException extends ConnectionFailedException {

  AuthenticationFailedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

package io.replication4j.command.ssh;

import io.replication4j.command.ConnectionFailedException;
import org.jspecify.annotations.Nullable;

/** No address is known for the host's name. Check its spelling, or name an address. */
public final class HostNotFoundException extends ConnectionFailedException {

  HostNotFoundException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

package io.replication4j.lvm.cow;

import io.replication4j.ReplicationException;
import org.jspecify.annotations.Nullable;

/** A file or device could not be read or written. */
public final class DeviceException extends ReplicationException {

  public DeviceException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

package io.replication4j;

import static java.util.Objects.requireNonNull;

/**
 * A backend found, while a step ran, that the target has changes of its own. The executor reports
 * it as blocked.
 */
public final class DivergedException extends ReplicationException {

  private final Conflict.Diverged conflict;

  public DivergedException(Conflict.Diverged conflict) {
    super(requireNonNull(conflict, "conflict").message());
    this.conflict = conflict;
  }

  public Conflict.Diverged conflict() {
    return conflict;
  }
}

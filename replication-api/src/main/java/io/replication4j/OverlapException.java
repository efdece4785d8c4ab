package io.replication4j;

/** Source and target of a pair are the same filesystem, or one lies within the other. */
public final class OverlapException extends ReplicationException {

  public OverlapException(Endpoint source, Endpoint target) {
    super(
        "cannot replicate "
            + source
            + " to "
            + target
            + ": one lies within the other; choose a target outside the source");
  }
}

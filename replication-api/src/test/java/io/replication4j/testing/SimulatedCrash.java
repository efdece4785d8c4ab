package io.replication4j.testing;

/**
 * What a {@link FaultyRunner} throws where the program is to die: nothing that comes after it
 * reaches a host. Not a {@link io.replication4j.ReplicationException}, so that no code takes it for
 * something to handle.
 */
public final class SimulatedCrash extends RuntimeException {

  SimulatedCrash(String message) {
    super(message);
  }
}

package io.replication4j.examples.rotation;

import io.replication4j.Filesystem;
import io.replication4j.Snapshot;

/** A rotation of one's own, from the same steps that the ready-made one is built of. */
public final class OwnRotation {

  private OwnRotation() {}

  /** Everything, once. */
  public static void first(Filesystem source, Filesystem target) throws InterruptedException {
    Snapshot sent = source.createSnapshot("sent");
    source.send(sent).to(target);
  }

  /** What changed since; what fails is found as it is by whoever calls again. */
  public static void next(Filesystem source, Filesystem target) throws InterruptedException {
    Snapshot tosend = source.createSnapshot("tosend");
    source.send(tosend).from(source.snapshot("sent")).to(target);
    target.destroy(target.snapshot("sent"));
    target.rename(target.snapshot("tosend"), "sent");
    source.destroy(source.snapshot("sent"));
    source.rename(tosend, "sent");
  }
}

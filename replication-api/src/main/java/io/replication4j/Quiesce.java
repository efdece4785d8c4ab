package io.replication4j;

/**
 * Brings an application to a point from which it can start again, while the snapshots of a group
 * are taken. {@link #resume} is called whatever happens once {@link #pause} was.
 */
public interface Quiesce {

  /** Nothing to quiesce. */
  Quiesce NONE =
      new Quiesce() {
        @Override
        public void pause() {}

        @Override
        public void resume() {}
      };

  /** Returns when the application is at rest; if it throws, no snapshot is taken. */
  void pause() throws InterruptedException;

  /** Lets the application go on. Must not fail; must be quick. */
  void resume();
}

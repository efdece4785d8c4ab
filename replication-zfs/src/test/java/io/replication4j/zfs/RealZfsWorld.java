package io.replication4j.zfs;

import io.replication4j.testing.Site;
import io.replication4j.testing.World;

/** Two sites of real ZFS. */
record RealZfsWorld(Site source, Site target, Capabilities capabilities) implements World {

  /** What every OpenZFS can. */
  static final Capabilities MODERN = new Capabilities(true, true, true, true, true, false);

  /** What zfs-fuse can. */
  static final Capabilities OLD = new Capabilities(false, true, true, false, true, false);

  /** Filesystems stay: each world has names of its own, and the pools go with the fixture. */
  @Override
  public void close() {}
}

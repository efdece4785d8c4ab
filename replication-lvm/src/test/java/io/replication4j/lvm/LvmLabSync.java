package io.replication4j.lvm;

import io.replication4j.testing.LabSync;

/** What {@link io.replication4j.testing.LabDisasters} kills. */
final class LvmLabSync {

  private LvmLabSync() {}

  public static void main(String[] args) throws Exception {
    LabSync.main(args, runner -> LvmBackend.on(runner, LvmFaultsLabIT.OPTIONS));
  }
}

package io.replication4j.lvm;

import io.replication4j.testing.LabSync;

/** The program that {@link LvmFaultsLabIT} kills. */
final class LvmLabSync {

  private LvmLabSync() {}

  public static void main(String[] args) throws Exception {
    LabSync.main(args, runner -> LvmBackend.on(runner, LvmFaultsLabIT.OPTIONS));
  }
}

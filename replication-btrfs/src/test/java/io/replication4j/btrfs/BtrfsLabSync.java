package io.replication4j.btrfs;

import io.replication4j.testing.LabSync;

/** What {@link io.replication4j.testing.LabDisasters} kills. */
final class BtrfsLabSync {

  private BtrfsLabSync() {}

  public static void main(String[] args) throws Exception {
    LabSync.main(args, BtrfsBackend::on);
  }
}

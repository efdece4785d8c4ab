package io.replication4j.zfs;

import io.replication4j.testing.LabSync;

/** What {@link io.replication4j.testing.LabDisasters} kills. */
final class ZfsLabSync {

  private ZfsLabSync() {}

  public static void main(String[] args) throws Exception {
    LabSync.main(args, ZfsBackend::on);
  }
}

package io.replication4j.examples.firstsync;

import io.replication4j.ReplicationPair;
import io.replication4j.SyncListener;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncReport;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.LocalCommandRunner;
import io.replication4j.command.ssh.SshCommandRunner;
import io.replication4j.zfs.ZfsBackend;

/** Replicates a tree of datasets to another host: everything the first time, then what changed. */
public final class FirstSync {

  private FirstSync() {}

  public static void main(String[] args) throws InterruptedException {
    try (CommandRunner here = LocalCommandRunner.create();
        CommandRunner dr = SshCommandRunner.connect("backup@dr.example.com")) {
      ReplicationPair pair =
          ReplicationPair.builder("data-dr")
              .source(ZfsBackend.on(here).filesystem("tank/data"))
              .target(ZfsBackend.on(dr).filesystem("backup/data"))
              .recursive(true)
              .policy(SyncPolicy.refusing())
              .build();
      SyncReport report = pair.sync(SyncListener.NONE);
      System.out.println(report.outcome() + ": " + report.bytes() + " bytes");
    }
  }
}

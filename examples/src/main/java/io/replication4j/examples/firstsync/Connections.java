package io.replication4j.examples.firstsync;

import io.replication4j.command.CommandRunner;
import io.replication4j.command.ssh.SshCommandRunner;
import io.replication4j.command.ssh.SshOptions;
import java.nio.file.Path;
import java.util.List;

/** Ways to reach a host. */
public final class Connections {

  private Connections() {}

  /** As a user who may run the storage commands by sudo, with a key of its own, by way of another host. */
  public static CommandRunner byWayOfBastion(Path key, Path knownHosts) throws InterruptedException {
    return SshCommandRunner.connect(
        SshOptions.builder("backup@dr.example.com:2222")
            .identity(key)
            .knownHosts(knownHosts)
            .jump("bastion.example.com")
            .privilege(List.of("sudo", "-n"))
            .build());
  }
}

package io.replication4j.examples.quickstart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.examples.LabJava;
import io.replication4j.testing.Lab;
import io.replication4j.testing.LabHost;
import io.replication4j.testing.LabTest;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The whole story on hosts that have a current OpenZFS and Debian's own kernel, each told on one of
 * them. They have no Java: they are given a small one, and what {@code mvn package} made.
 */
@LabTest
class QuickstartLabIT {

  private static final String RUN =
      """
      cd /root/java
      export LC_ALL=C.UTF-8
      exec java/bin/java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp 'classes:lib/*' \\
        io.replication4j.examples.quickstart.Quickstart --directory /root --backend "$1"
      """;

  private final Lab lab;

  QuickstartLabIT(Lab lab) {
    this.lab = lab;
  }

  @Tag("zfs")
  @Test
  void worksOnOpenZfs() throws IOException, InterruptedException {
    assertWorks(lab.a(), "zfs");
    assertEquals("", lab.a().run("zpool", "list", "-H"));
  }

  @Tag("btrfs")
  @Test
  void worksOnBtrfs() throws IOException, InterruptedException {
    assertWorks(lab.b(), "btrfs");
  }

  private static void assertWorks(LabHost host, String backend)
      throws IOException, InterruptedException {
    LabJava.bring(host);
    String before = host.run("ls", "-A", "/root");
    CommandResult result =
        host.runner()
            .run(Command.of("sh", "-euc", RUN, "sh", backend).withTimeout(Duration.ofMinutes(5)));
    assertTrue(result.succeeded(), () -> result.output() + result.errorTail());
    assertTrue(result.output().contains("9. Done"), result::output);
    assertEquals(before, host.run("ls", "-A", "/root"));
  }
}

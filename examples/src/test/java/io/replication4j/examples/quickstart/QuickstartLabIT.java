package io.replication4j.examples.quickstart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.examples.LabJava;
import io.replication4j.testing.Lab;
import io.replication4j.testing.LabTest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The whole story on a host that has a current OpenZFS and Debian's own kernel. It has no Java: it
 * is given a small one, and what {@code mvn package} made.
 */
@LabTest
@Execution(ExecutionMode.SAME_THREAD)
class QuickstartLabIT {

  private static final String RUN =
      """
      cd /root/java
      export LC_ALL=C.UTF-8
      exec java/bin/java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp 'classes:lib/*' \\
        io.replication4j.examples.quickstart.Quickstart --directory /root --backend "$1"
      """;

  @TempDir private Path directory = Path.of("");

  private final Lab lab;

  QuickstartLabIT(Lab lab) {
    this.lab = lab;
  }

  @BeforeEach
  void bringJava() throws IOException, InterruptedException {
    LabJava.bring(lab.a(), directory);
  }

  @Tag("zfs")
  @Test
  void worksOnOpenZfs() throws InterruptedException {
    assertWorks("zfs");
  }

  @Tag("btrfs")
  @Test
  void worksOnBtrfs() throws InterruptedException {
    assertWorks("btrfs");
  }

  private void assertWorks(String backend) throws InterruptedException {
    String before = lab.a().run("ls", "-A", "/root");
    CommandResult result =
        lab.a()
            .runner()
            .run(Command.of("sh", "-euc", RUN, "sh", backend).withTimeout(Duration.ofMinutes(5)));
    assertTrue(result.succeeded(), () -> result.output() + result.errorTail());
    assertTrue(result.output().contains("9. Done"), result::output);
    assertEquals(before, lab.a().run("ls", "-A", "/root"));
    assertEquals("", lab.a().run("zpool", "list", "-H"));
  }
}

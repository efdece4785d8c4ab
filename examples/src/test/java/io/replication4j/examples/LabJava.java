package io.replication4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.replication4j.command.Command;
import io.replication4j.command.RunningCommand;
import io.replication4j.testing.LabHost;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.spi.ToolProvider;

/**
 * Java on a host of the lab, which has none: a small one, and what {@code mvn package} made, in
 * {@code /root/java}: {@code java/bin/java -cp 'classes:lib/*'}.
 */
public final class LabJava {

  private static final String MODULES =
      "java.base,java.desktop,java.logging,java.management,java.naming,java.xml,jdk.crypto.ec,jdk.unsupported";

  private LabJava() {}

  /** Unless it is there already. */
  public static void bring(LabHost host, Path directory) throws IOException, InterruptedException {
    if (!host.shell("[ ! -e /root/java/complete ] || echo there").isEmpty()) {
      return;
    }
    ToolProvider jlink = ToolProvider.findFirst("jlink").orElseThrow();
    Path java = directory.resolve("java");
    int status =
        jlink.run(
            System.out,
            System.err,
            "--add-modules",
            MODULES,
            "--strip-debug",
            "--no-header-files",
            "--no-man-pages",
            "--output",
            java.toString());
    assertEquals(0, status);
    copy(host, directory, "java");
    copy(host, Path.of("target"), "classes", "lib");
    host.shell(": >/root/java/complete; sync");
  }

  private static void copy(LabHost host, Path from, String... names)
      throws IOException, InterruptedException {
    ProcessBuilder tar = new ProcessBuilder("tar", "-C", from.toString(), "-c");
    tar.command().addAll(List.of(names));
    Process packer = tar.start();
    try (RunningCommand unpacker =
        host.runner().start(Command.of("sh", "-c", "mkdir -p /root/java; tar -C /root/java -x"))) {
      try (OutputStream to = unpacker.stdin()) {
        packer.getInputStream().transferTo(to);
      }
      assertEquals(0, unpacker.waitFor(), unpacker::errorTail);
    }
    assertEquals(0, packer.waitFor());
  }
}

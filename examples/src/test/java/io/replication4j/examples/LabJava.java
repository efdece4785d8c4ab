package io.replication4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.replication4j.command.Command;
import io.replication4j.command.RunningCommand;
import io.replication4j.testing.LabHost;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
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

  private static final Path BUILD = Path.of("target");

  private LabJava() {}

  /** Unless it is there already. */
  public static void bring(LabHost host) throws IOException, InterruptedException {
    if (!host.shell("[ ! -e /root/java/complete ] || echo there").isEmpty()) {
      return;
    }
    Path image = image();
    copy(host, image, "java");
    copy(host, BUILD, "classes", "lib");
    host.shell(": >/root/java/complete; sync");
  }

  /** Returns a directory with {@code java} in it; made once in a build. */
  private static synchronized Path image() throws IOException, InterruptedException {
    Path image = BUILD.resolve("lab-java");
    Path java = image.resolve("java");
    if (Files.exists(java)) {
      return image;
    }
    Path unfinished = image.resolve("unfinished-" + ProcessHandle.current().pid());
    Files.createDirectories(image);
    ToolProvider jlink = ToolProvider.findFirst("jlink").orElseThrow();
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
            unfinished.toString());
    assertEquals(0, status);
    // With an archive of its own classes Java starts in half the time, which counts on these hosts.
    Path program = unfinished.resolve("bin/java").toAbsolutePath();
    assertEquals(
        0,
        new ProcessBuilder(program.toString(), "-Xshare:dump")
            .redirectOutput(Redirect.DISCARD)
            .redirectError(Redirect.DISCARD)
            .start()
            .waitFor());
    Files.move(unfinished, java);
    return image;
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

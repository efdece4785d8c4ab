package io.replication4j.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Two hosts under QEMU with OpenZFS, btrfs and LVM: the script {@code examples/lab/lab}, with a set
 * of hosts that only tests use. One at a time in each set: the next one waits. Tests get it from
 * {@link LabExtension}.
 *
 * <p>Closing it cuts the hosts' power.
 */
public final class Lab implements AutoCloseable {

  /** The image may have to be built first. */
  private static final Duration START = Duration.ofMinutes(30);

  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /** {@code -Dr4j.lab.set=NAME}: another set, for who tests beside others. */
  private static final String SET = System.getProperty("r4j.lab.set", "tests");

  private final Path script;
  private final FileChannel lock;
  private final List<LabHost> hosts = new ArrayList<>();
  private final Set<Process> calls = ConcurrentHashMap.newKeySet();

  private Lab(Path script, FileChannel lock) {
    this.script = script;
    this.lock = lock;
  }

  /**
   * Starts both hosts with empty disks; builds their image first, if there is none.
   *
   * @throws IllegalStateException if they do not come up; the message says what the script said
   */
  static Lab start() throws IOException, InterruptedException {
    FileChannel lock =
        FileChannel.open(
            Path.of(System.getProperty("java.io.tmpdir"), "replication4j-lab-" + SET + ".lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE);
    lock.lock();
    Lab lab = new Lab(findScript(), lock);
    Runtime.getRuntime().addShutdownHook(new Thread(lab::switchOff));
    try {
      lab.call(PATIENCE, "reset");
      lab.call(START, "up");
      Path config = Files.createTempFile("lab", ".ssh_config");
      config.toFile().deleteOnExit();
      Files.writeString(config, lab.call(PATIENCE, "ssh-config"));
      lab.hosts.add(LabHost.connect(lab, "a", config));
      lab.hosts.add(LabHost.connect(lab, "b", config));
      return lab;
    } catch (RuntimeException | IOException | InterruptedException e) {
      lab.close();
      throw e;
    }
  }

  private static Path findScript() {
    String named = System.getProperty("r4j.lab.script", "");
    if (!named.isEmpty()) {
      return Path.of(named);
    }
    for (Path dir = Path.of("").toAbsolutePath(); dir != null; dir = dir.getParent()) {
      Path script = dir.resolve("examples/lab/lab");
      if (Files.isExecutable(script)) {
        return script;
      }
    }
    throw new IllegalStateException(
        "no examples/lab/lab in any directory above "
            + Path.of("").toAbsolutePath()
            + " (set -Dr4j.lab.script)");
  }

  /** The host that tests send from. */
  public LabHost a() {
    return hosts.get(0);
  }

  /** The host that tests send to. */
  public LabHost b() {
    return hosts.get(1);
  }

  /** Runs {@link LabHost#shell} on both hosts at once. */
  public void onBoth(String script, String... arguments) throws InterruptedException {
    CompletableFuture<String> there =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return b().shell(script, arguments);
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    a().shell(script, arguments);
    there.join();
  }

  /** Both hosts run, are connected, and have empty disks. */
  void reset() throws InterruptedException {
    for (LabHost host : hosts) {
      host.reset();
    }
  }

  String call(String... words) throws InterruptedException {
    return call(words[0].equals("up") ? START : PATIENCE, words);
  }

  private String call(Duration limit, String... words) throws InterruptedException {
    List<String> argv = new ArrayList<>(List.of(script.toString()));
    argv.addAll(Arrays.asList(words));
    ProcessBuilder builder =
        new ProcessBuilder(argv)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    builder.environment().put("R4J_LAB_SET", SET);
    try {
      Process process = builder.start();
      calls.add(process);
      process.onExit().thenAccept(calls::remove);
      CompletableFuture<String> said =
          CompletableFuture.supplyAsync(() -> echo(process.errorReader()));
      CompletableFuture<String> output = CompletableFuture.supplyAsync(() -> read(process));
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        end(process);
        throw new IllegalStateException(
            "lab " + String.join(" ", words) + " took longer than " + limit);
      }
      if (process.exitValue() != 0) {
        throw new IllegalStateException(
            "lab " + String.join(" ", words) + ": " + said.join().strip());
      }
      return output.join();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void end(Process process) {
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
    process.onExit().join();
  }

  /** Passes on what the script says while it says it: building an image takes minutes. */
  private static String echo(BufferedReader reader) {
    StringBuilder text = new StringBuilder();
    reader
        .lines()
        .forEach(
            line -> {
              System.err.println(line);
              text.append(line).append('\n');
            });
    return text.toString();
  }

  private static String read(Process process) {
    try {
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    hosts.forEach(host -> host.runner().close());
    switchOff();
  }

  /** Also when the JVM is told to end before the tests have. */
  private synchronized void switchOff() {
    if (lock.isOpen()) {
      try (lock) {
        calls.forEach(Lab::end); // one that boots hosts would otherwise have the last word
        call(PATIENCE, "reset");
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}

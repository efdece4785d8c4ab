package io.replication4j.examples.quickstart;

import io.replication4j.examples.lab.Lab;
import io.replication4j.examples.lab.LabException;
import io.replication4j.examples.replicate.Replicate;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A sync in a JVM of its own, slowed down, and killed (SIGKILL) in the middle of its stream. */
final class KilledSync {

  private static final long ENOUGH = 8 << 20;

  private final Lab lab;

  KilledSync(Lab lab) {
    this.lab = lab;
  }

  /** Runs it, kills it, and waits until nothing of it is left; returns how many bytes had been moved. */
  long run(String job, String source, String target) throws IOException, InterruptedException {
    Set<Long> before = descendants().map(ProcessHandle::pid).collect(Collectors.toSet());
    Process sync = new ProcessBuilder(command(job, source, target)).redirectErrorStream(true).start();
    try {
      long moved = awaitProgress(sync);
      List<ProcessHandle> all = descendants().filter(p -> !before.contains(p.pid())).toList();
      sync.destroyForcibly();
      awaitEnd(all);
      return moved;
    } finally {
      sync.destroyForcibly();
    }
  }

  private List<String> command(String job, String source, String target) {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Replicate.class.getName()));
    command.addAll(List.of("--recursive", "--name", job, "--bandwidth", "12M", "--progress-lines"));
    command.addAll(lab.sshArguments());
    command.addAll(List.of(lab.sourceAddress(source), lab.targetAddress(target)));
    return command;
  }

  private static Stream<ProcessHandle> descendants() {
    return ProcessHandle.current().descendants();
  }

  private static long awaitProgress(Process sync) throws IOException {
    StringBuilder said = new StringBuilder();
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(sync.getInputStream(), StandardCharsets.UTF_8));
    for (Optional<String> line = read(lines); line.isPresent(); line = read(lines)) {
      String[] words = line.get().split(" ");
      if (words[0].equals("progress") && Long.parseLong(words[2]) >= ENOUGH) {
        return Long.parseLong(words[2]);
      }
      said.append(line.get()).append('\n');
    }
    throw new LabException("the sync that was to be killed ended by itself:\n" + said);
  }

  private static Optional<String> read(BufferedReader lines) throws IOException {
    return Optional.ofNullable(lines.readLine());
  }

  /** The sending and the receiving command end because their pipes, or their connection, are gone. */
  private static void awaitEnd(List<ProcessHandle> processes) throws InterruptedException {
    CompletableFuture<?>[] ends =
        processes.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new);
    try {
      CompletableFuture.allOf(ends).get(30, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new LabException("something of the killed sync still runs: " + processes);
    }
  }
}

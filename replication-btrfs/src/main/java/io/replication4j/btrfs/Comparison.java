package io.replication4j.btrfs;

import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.CommandTimeoutException;
import io.replication4j.command.ConnectionLostException;
import io.replication4j.command.RunningCommand;
import io.replication4j.spi.Failures;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Compares read-only snapshots by an incremental send without data. What was found stays true, and
 * is kept. Thread-safe.
 */
final class Comparison {

  /** Its length is that of the changes, which may be access times of very many files. */
  private static final Duration LONGEST = Duration.ofHours(2);

  private final Map<List<String>, Boolean> known = new ConcurrentHashMap<>();

  static Command command(String base, String now) {
    return BtrfsCommands.send(List.of("--no-data"), List.of(base), List.of(), List.of(now))
        .withTimeout(LONGEST);
  }

  /** What has changed from one to the other, in words; empty if access times at most. */
  static Optional<String> difference(String base, String now, CommandRunner runner)
      throws InterruptedException {
    SendStream.Summary forth = read(command(base, now), runner);
    if (forth.change().isPresent()) {
      return forth.change();
    }
    SendStream.Summary back = read(command(now, base), runner);
    if (back.change().isPresent()) {
      return back.change();
    }
    return forth.times().equals(back.times())
        ? Optional.empty()
        : Optional.of("modification times changed");
  }

  /**
   * The snapshots that hold exactly what the live subvolume holds, newest first. Taking a snapshot
   * moves the generation of the live subvolume, so older ones are compared with the next newer one
   * each, up to the first that differs; the newest may be one of another filesystem that overlaps
   * this one.
   */
  List<View.Entry> identical(View view, Subvolume live, boolean withOlder, CommandRunner runner)
      throws InterruptedException {
    List<View.Entry> result = new ArrayList<>();
    Optional<Subvolume> newer = view.untouchedSince(live);
    for (View.Entry witness : view.witnesses(live)) {
      boolean same =
          newer.filter(witness.subvolume()::equals).isPresent()
              || (withOlder && newer.isPresent() && isSame(view, witness, newer.get(), runner));
      if (!same) {
        break;
      }
      result.add(witness);
      newer = Optional.of(witness.subvolume());
    }
    return result;
  }

  private boolean isSame(View view, View.Entry older, Subvolume newer, CommandRunner runner)
      throws InterruptedException {
    List<String> key = List.of(older.subvolume().uuid(), newer.uuid());
    Boolean same = known.get(key);
    if (same == null) {
      same = difference(view.pathOf(older), view.layout().onHost(newer), runner).isEmpty();
      known.put(key, same);
    }
    return same;
  }

  private static SendStream.Summary read(Command command, CommandRunner runner)
      throws InterruptedException {
    long start = System.nanoTime();
    try (RunningCommand running = runner.start(command)) {
      running.stdin().close();
      SendStream.Summary summary = await(command, running, runner.host());
      if (summary.change().isEmpty()) {
        requireSuccess(command, running, start, runner);
      }
      return summary;
    } catch (IOException e) {
      throw new ConnectionLostException(
          command + " on " + runner.host() + ": its output broke off; run again", e);
    }
  }

  /** Reads on a thread of its own, which ends with the command: this one can be interrupted. */
  private static SendStream.Summary await(Command command, RunningCommand running, String host)
      throws IOException, InterruptedException {
    FutureTask<SendStream.Summary> reading =
        new FutureTask<>(() -> SendStream.read(running.stdout(), command + " on " + host));
    Thread reader = new Thread(reading, "replication4j-comparison");
    reader.setDaemon(true);
    reader.start();
    try {
      return reading.get(command.timeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new CommandTimeoutException(
          command
              + " on "
              + host
              + " had not ended after "
              + Failures.format(command.timeout())
              + ", and was ended; nothing was changed. Run again",
          e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException lost) {
        throw lost;
      }
      throw e.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException(e.getCause());
    }
  }

  private static void requireSuccess(
      Command command, RunningCommand running, long start, CommandRunner runner)
      throws InterruptedException {
    int status = running.waitFor();
    if (status != 0) {
      Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
      throw BtrfsErrors.of(
          runner.host(), command, new CommandResult(status, "", running.errorTail(), elapsed));
    }
  }
}

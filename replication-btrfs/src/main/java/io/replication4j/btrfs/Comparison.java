package io.replication4j.btrfs;

import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.ConnectionLostException;
import io.replication4j.command.RunningCommand;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Compares read-only snapshots by an incremental send without data. What was found stays true, and
 * is kept. Thread-safe.
 */
final class Comparison {

  private final Map<List<String>, Boolean> known = new ConcurrentHashMap<>();

  static Command command(String base, String now) {
    return BtrfsCommands.send(List.of("--no-data"), List.of(base), List.of(), List.of(now));
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
   * each, up to the first that differs.
   */
  List<View.Entry> identical(View view, Subvolume live, boolean withOlder, CommandRunner runner)
      throws InterruptedException {
    List<View.Entry> result = new ArrayList<>();
    for (View.Entry witness : view.witnesses(live)) {
      boolean same =
          result.isEmpty()
              ? witness.subvolume().createdIn() == live.generation()
              : withOlder && isSame(view, witness, result.get(result.size() - 1), runner);
      if (!same) {
        break;
      }
      result.add(witness);
    }
    return result;
  }

  private boolean isSame(View view, View.Entry older, View.Entry newer, CommandRunner runner)
      throws InterruptedException {
    List<String> key = List.of(older.subvolume().uuid(), newer.subvolume().uuid());
    Boolean same = known.get(key);
    if (same == null) {
      same = difference(view.pathOf(older), view.pathOf(newer), runner).isEmpty();
      known.put(key, same);
    }
    return same;
  }

  private static SendStream.Summary read(Command command, CommandRunner runner)
      throws InterruptedException {
    long start = System.nanoTime();
    try (RunningCommand running = runner.start(command)) {
      running.stdin().close();
      SendStream.Summary summary =
          SendStream.read(running.stdout(), command + " on " + runner.host());
      if (summary.change().isEmpty()) {
        requireSuccess(command, running, start, runner);
      }
      return summary;
    } catch (IOException e) {
      throw new ConnectionLostException(
          command + " on " + runner.host() + ": its output broke off; run again", e);
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

package io.replication4j.testing;

import io.replication4j.command.Command;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** The commands that were started, in order, on all hosts of a {@link FaultScript}. Thread-safe. */
public final class CommandLog {

  private final List<Entry> entries = new ArrayList<>();

  CommandLog() {}

  /**
   * One command; a batch counts as one.
   *
   * @param number its place, from 1
   * @param stream whether it was started with open streams
   */
  public record Entry(int number, String host, Command command, boolean stream) {

    /** The command as one would type it. */
    public String text() {
      return command.toShellText();
    }

    @Override
    public String toString() {
      return number + " " + host + (stream ? "| " : "$ ") + text();
    }
  }

  synchronized Entry add(String host, Command command, boolean stream) {
    Entry entry = new Entry(entries.size() + 1, host, command, stream);
    entries.add(entry);
    return entry;
  }

  /** All of them so far, oldest first. */
  public synchronized List<Entry> entries() {
    return List.copyOf(entries);
  }

  /** Those after the first {@code number}: what was run since {@link #size} was that. */
  public List<Entry> since(int number) {
    List<Entry> all = entries();
    return all.subList(number, all.size());
  }

  /** How many there are so far. */
  public synchronized int size() {
    return entries.size();
  }

  /** How many commands of that kind were run to completion (no streams) on {@code host}. */
  public long count(String host, Predicate<Command> kind) {
    return entries().stream()
        .filter(entry -> !entry.stream() && entry.host().equals(host) && kind.test(entry.command()))
        .count();
  }

  /** How many commands were started with open streams: two per transfer. */
  public long streams() {
    return entries().stream().filter(Entry::stream).count();
  }

  @Override
  public String toString() {
    return String.join("\n", entries().stream().map(Entry::toString).toList());
  }
}

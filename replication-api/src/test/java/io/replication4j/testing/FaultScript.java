package io.replication4j.testing;

import io.replication4j.command.Command;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.ConnectionLostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * What goes wrong, and when, over all the hosts of a test: the runners that {@link #wrap} returns
 * share one numbering of commands and streams, one log, and one death. A script without faults only
 * records. Thread-safe.
 */
public final class FaultScript {

  private final List<Fault> faults;
  private final CommandLog log = new CommandLog();
  private final List<Long> sent = new ArrayList<>();
  private final List<Long> received = new ArrayList<>();
  private final List<FaultyStream> open = new ArrayList<>();
  private final CountDownLatch hanging = new CountDownLatch(1);
  private boolean hit;
  private boolean dead;

  private FaultScript(List<Fault> faults) {
    this.faults = faults;
  }

  /** A script with these faults; without any, it only records. */
  public static FaultScript of(Fault... faults) {
    return new FaultScript(List.of(faults));
  }

  /**
   * A runner on the same host that does what this script says. Closing it closes {@code runner}.
   */
  public FaultyRunner wrap(CommandRunner runner) {
    return new FaultyRunner(runner, this);
  }

  /** The commands that were started, those that a fault kept from running included. */
  public CommandLog log() {
    return log;
  }

  /** How many bytes each stream has had so far, on its way from the sender. */
  public synchronized List<Long> streamLengths() {
    return List.copyOf(sent);
  }

  /**
   * How many bytes each stream has had so far, on its way to the receiver. Not every stream has
   * one.
   */
  public synchronized List<Long> receivedLengths() {
    return List.copyOf(received);
  }

  /** Whether one of the faults came to pass: a test that expects it must see true. */
  public synchronized boolean wasHit() {
    return hit;
  }

  /** Waits until a {@link Fault.Hang} was reached, at most 30 seconds; whether it was. */
  public boolean awaitHang() throws InterruptedException {
    return hanging.await(30, TimeUnit.SECONDS);
  }

  void reachedHang() {
    hanging.countDown();
  }

  CommandLog.Entry begin(String host, Command command, boolean stream) {
    requireAlive();
    return log.add(host, command, stream);
  }

  synchronized void requireAlive() {
    if (dead) {
      throw new SimulatedCrash("the program is dead");
    }
  }

  /** The one fault of that type that {@code number} meets, now counted as hit. */
  synchronized <F extends Fault> Optional<F> take(
      Class<F> type, Function<F, Integer> number, int actual) {
    Optional<F> found =
        faults.stream()
            .filter(type::isInstance)
            .map(type::cast)
            .filter(f -> number.apply(f) == actual)
            .findFirst();
    hit |= found.isPresent();
    return found;
  }

  /** The cut that is ahead of stream {@code number}; not hit yet. */
  synchronized <F extends Fault> Optional<F> ahead(
      Class<F> type, Function<F, Integer> number, int actual) {
    boolean before = hit;
    Optional<F> found = take(type, number, actual);
    hit = before;
    return found;
  }

  /**
   * Throws what the kind says; a crash ends the open streams first, as the death of their program
   * would.
   */
  RuntimeException strike(Fault.Kind kind, String where) {
    synchronized (this) {
      hit = true;
      if (kind == Fault.Kind.CONNECTION_LOST) {
        return new ConnectionLostException("connection lost " + where + " (simulated)", null);
      }
      dead = true;
    }
    List<FaultyStream> orphans;
    synchronized (this) {
      orphans = List.copyOf(open);
    }
    orphans.forEach(FaultyStream::orphan);
    return new SimulatedCrash("crash " + where);
  }

  synchronized void hit() {
    hit = true;
  }

  synchronized void opened(FaultyStream stream) {
    open.add(stream);
  }

  synchronized void closed(FaultyStream stream) {
    open.remove(stream);
  }

  synchronized int newSender() {
    sent.add(0L);
    return sent.size();
  }

  synchronized int newReceiver() {
    received.add(0L);
    return received.size();
  }

  synchronized void sent(int number, long bytes) {
    sent.set(number - 1, bytes);
  }

  synchronized void received(int number, long bytes) {
    received.set(number - 1, bytes);
  }
}

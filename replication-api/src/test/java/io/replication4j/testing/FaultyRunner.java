package io.replication4j.testing;

import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.CommandTimeoutException;
import io.replication4j.command.ConnectionLostException;
import io.replication4j.command.RunningCommand;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Runs commands on another runner, records them, and lets go wrong what its {@link FaultScript}
 * says. Thread-safe.
 */
public final class FaultyRunner implements CommandRunner {

  private final CommandRunner delegate;
  private final FaultScript script;
  private final CountDownLatch closed = new CountDownLatch(1);

  FaultyRunner(CommandRunner delegate, FaultScript script) {
    this.delegate = delegate;
    this.script = script;
  }

  @Override
  public String host() {
    return delegate.host();
  }

  @Override
  public CommandResult run(Command command) throws InterruptedException {
    int number = begin(command, false);
    Optional<Fault.Exit> exit = script.take(Fault.Exit.class, Fault.Exit::number, number);
    if (exit.isPresent()) {
      return new CommandResult(exit.get().exitStatus(), "", exit.get().errorTail(), Duration.ZERO);
    }
    if (script.take(Fault.Hang.class, Fault.Hang::number, number).isPresent()) {
      return hang(command);
    }
    CommandResult result = delegate.run(command);
    finish(number, command);
    return result;
  }

  @Override
  public RunningCommand start(Command command) throws InterruptedException {
    boolean stream = !FakeLocks.isHolder(command);
    int number = begin(command, stream);
    Optional<Fault.Exit> exit = script.take(Fault.Exit.class, Fault.Exit::number, number);
    if (exit.isPresent()) {
      return DeadCommand.ended(exit.get().exitStatus(), exit.get().errorTail());
    }
    if (script.take(Fault.Hang.class, Fault.Hang::number, number).isPresent()) {
      script.reachedHang();
      return DeadCommand.hanging();
    }
    RunningCommand started = delegate.start(command);
    return stream
        ? finish(number, command, new FaultyStream(started, script, host()))
        : finish(number, command, started);
  }

  private RunningCommand finish(int number, Command command, RunningCommand running) {
    boolean finished = false;
    try {
      finish(number, command);
      finished = true;
      return running;
    } finally {
      if (!finished && FakeLocks.isHolder(command)) {
        running.close(); // its standard input went with whoever held it
      }
    }
  }

  private int begin(Command command, boolean stream) {
    int number = script.begin(host(), command, stream).number();
    Optional<Fault.Before> before = script.take(Fault.Before.class, Fault.Before::number, number);
    if (before.isPresent()) {
      throw script.strike(before.get().kind(), "before command " + number + ", " + command.verb());
    }
    return number;
  }

  private void finish(int number, Command command) {
    Optional<Fault.After> after = script.take(Fault.After.class, Fault.After::number, number);
    if (after.isPresent()) {
      throw script.strike(after.get().kind(), "after command " + number + ", " + command.verb());
    }
    script.requireAlive();
  }

  private CommandResult hang(Command command) throws InterruptedException {
    script.reachedHang();
    if (closed.await(command.timeout().toMillis(), TimeUnit.MILLISECONDS)) {
      throw new ConnectionLostException(
          "runner closed while " + command + " hung (simulated)", null);
    }
    throw new CommandTimeoutException(
        command + " on " + host() + " timed out after " + command.timeout() + " (simulated)", null);
  }

  @Override
  public void close() {
    closed.countDown();
    delegate.close();
  }
}

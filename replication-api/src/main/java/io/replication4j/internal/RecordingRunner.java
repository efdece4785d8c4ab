package io.replication4j.internal;

import io.replication4j.SyncReport.CommandReport;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.RunningCommand;
import io.replication4j.spi.Failures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down what one step runs, each command with the time-out of the policy, unless it has one
 * of its own. Closing it closes nothing. Not thread-safe.
 */
final class RecordingRunner implements CommandRunner {

  private static final Logger LOG = LoggerFactory.getLogger(RecordingRunner.class);

  private final CommandRunner runner;
  private final Duration timeout;
  private final List<CommandReport> reports;

  RecordingRunner(CommandRunner runner, Duration timeout) {
    this(runner, timeout, new ArrayList<>());
  }

  private RecordingRunner(CommandRunner runner, Duration timeout, List<CommandReport> reports) {
    this.runner = runner;
    this.timeout = timeout;
    this.reports = reports;
  }

  List<CommandReport> reports() {
    return List.copyOf(reports);
  }

  @Override
  public String host() {
    return runner.host();
  }

  @Override
  public CommandResult run(Command command) throws InterruptedException {
    CommandResult result = runner.run(timed(command));
    addAs(host(), command, result);
    return result;
  }

  @Override
  public List<CommandResult> runAll(List<Command> commands) throws InterruptedException {
    List<CommandResult> results = runner.runAll(commands.stream().map(this::timed).toList());
    for (int i = 0; i < results.size(); i++) {
      addAs(host(), commands.get(i), results.get(i));
    }
    return results;
  }

  /** The same step on another host; what that runs is part of this one's reports. */
  RecordingRunner on(CommandRunner other) {
    return new RecordingRunner(other, timeout, reports);
  }

  /** A command that ran past this runner, as one half of a stream does. */
  void addAs(String host, Command command, CommandResult result) {
    String text = command.toShellText();
    LOG.debug(
        "{}$ {} -> {} after {}",
        host,
        text,
        result.exitStatus(),
        Failures.format(result.elapsed()));
    reports.add(new CommandReport(host, text, result.exitStatus(), result.elapsed()));
  }

  private Command timed(Command command) {
    boolean ordinary = command.timeout().equals(Command.DEFAULT_TIMEOUT);
    return ordinary ? command.withTimeout(timeout) : command;
  }

  @Override
  public RunningCommand start(Command command) throws InterruptedException {
    return runner.start(command);
  }

  @Override
  public void close() {}
}

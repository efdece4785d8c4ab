package io.replication4j.zfs;

import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.RunningCommand;

/**
 * A runner under another host name, so that one host can play both sides. Leaves the runner open
 * when it is closed.
 */
record NamedRunner(String host, CommandRunner runner) implements CommandRunner {

  @Override
  public CommandResult run(Command command) throws InterruptedException {
    return runner.run(command);
  }

  @Override
  public RunningCommand start(Command command) throws InterruptedException {
    return runner.start(command);
  }

  @Override
  public void close() {}
}

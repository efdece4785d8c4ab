package io.replication4j.btrfs.testing;

import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.LocalCommandRunner;
import io.replication4j.command.RunningCommand;

/** This machine under another host name. */
record NamedRunner(String host, CommandRunner runner) implements CommandRunner {

  static NamedRunner local(String host) {
    return new NamedRunner(host, LocalCommandRunner.create());
  }

  @Override
  public CommandResult run(Command command) throws InterruptedException {
    return runner.run(command);
  }

  @Override
  public RunningCommand start(Command command) throws InterruptedException {
    return runner.start(command);
  }

  @Override
  public void close() {
    runner.close();
  }
}

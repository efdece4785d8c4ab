package io.replication4j.examples.lab;

import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.LocalCommandRunner;

/** Runs this host's own tools, and takes no failure for an answer. */
public final class Tools implements AutoCloseable {

  private final LocalCommandRunner runner = LocalCommandRunner.create();

  /**
   * What the command printed.
   *
   * @throws LabException if it failed; with what it said
   */
  public String run(String... argv) throws InterruptedException {
    CommandResult result = runner.run(Command.of(argv));
    if (!result.succeeded()) {
      throw new LabException(
          String.join(" ", argv) + ": exit " + result.exitStatus() + ": " + result.errorTail());
    }
    return result.output();
  }

  /** Whether the command exited 0. */
  public boolean succeeds(String... argv) throws InterruptedException {
    return runner.run(Command.of(argv)).succeeded();
  }

  @Override
  public void close() {
    runner.close();
  }
}

package io.replication4j.examples.support;

import io.replication4j.ReplicationException;
import io.replication4j.examples.lab.LabException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * Runs a command of the examples: its exit status, one line for what went wrong, an orderly end on
 * Ctrl-C.
 */
public final class Commands {

  private Commands() {}

  /**
   * Runs {@code command} and ends the JVM: 0 or what the command says, 1 for a failure, 2 for wrong
   * usage.
   *
   * @param patience how long it may take to clean up after Ctrl-C
   * @param ended what to say when it was ended that way
   */
  public static void run(
      Callable<Integer> command, Duration patience, String ended, String... args) {
    Interruption interruption = new Interruption(patience);
    int status =
        new CommandLine(command)
            .setParameterExceptionHandler(Commands::misused)
            .setExecutionExceptionHandler((e, line, result) -> failed(e, line, ended))
            .execute(args);
    interruption.exit(status);
  }

  private static int misused(ParameterException e, String[] args) {
    PrintWriter err = e.getCommandLine().getErr();
    String name = e.getCommandLine().getCommandName();
    err.println(name + ": " + e.getMessage() + " (" + name + " --help)");
    return CommandLine.ExitCode.USAGE;
  }

  private static int failed(Exception e, CommandLine line, String ended) {
    String name = line.getCommandName();
    if (e instanceof InterruptedException) {
      line.getErr().println(name + ": " + ended);
    } else if (e instanceof ReplicationException || e instanceof LabException) {
      line.getErr().println(name + ": " + e.getMessage());
    } else {
      e.printStackTrace(line.getErr());
    }
    return CommandLine.ExitCode.SOFTWARE;
  }
}

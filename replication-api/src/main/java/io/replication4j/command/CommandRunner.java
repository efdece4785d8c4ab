package io.replication4j.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Runs commands on one host: this one ({@link LocalCommandRunner}) or another over SSH ({@link
 * io.replication4j.command.ssh.SshCommandRunner}). Knows nothing of storage. Implementations are
 * thread-safe; every command runs with {@code LC_ALL=C}.
 *
 * <p>A failure to reach the host or to start the program is an exception; an exit status is only
 * ever what the host reported.
 */
public interface CommandRunner extends AutoCloseable {

  /**
   * The host's name for plans, logs and messages; two runners with equal names speak of the same
   * host.
   */
  String host();

  /**
   * Runs {@code command} to its end, whatever its exit status. An interrupted caller ends the
   * command and its children.
   *
   * @throws CommandTimeoutException if it took longer than {@link Command#timeout}; it was ended
   * @throws OutputLimitException if it printed more than {@link Command#outputLimit}; it was ended
   * @throws CommandNotFoundException if the host has no such program
   * @throws ConnectionLostException if the connection broke while it ran: whether it finished is
   *     not known
   * @throws ConnectionFailedException if the host could not be reached at all; the subclasses say
   *     why
   */
  CommandResult run(Command command) throws InterruptedException;

  /**
   * Runs the commands in order, up to the first whose exit status is not 0, as one process start
   * and one SSH channel where that can be. An interrupted caller ends what runs, and the rest is
   * not run; after a lost connection, or when this JVM is killed, the host may still run the rest.
   *
   * @return the results of those that were run, in order. Where they ran as one, only the last has
   *     an elapsed time (that of all), and the last standard error only
   * @throws CommandTimeoutException as {@link #run}; together they may take as long as their
   *     timeouts
   * @throws OutputLimitException as {@link #run}
   * @throws CommandNotFoundException as {@link #run}; those before it were run
   * @throws ConnectionLostException as {@link #run}: how far it came is not known
   * @throws ConnectionFailedException as {@link #run}
   */
  default List<CommandResult> runAll(List<Command> commands) throws InterruptedException {
    List<CommandResult> results = new ArrayList<>();
    for (Command command : commands) {
      CommandResult result = run(command);
      results.add(result);
      if (!result.succeeded()) {
        break;
      }
    }
    return List.copyOf(results);
  }

  /**
   * Starts {@code command} with its streams open; {@link Command#timeout} and {@link
   * Command#outputLimit} do not apply. A command's {@link Command#input} is not written: the caller
   * owns standard input.
   *
   * @throws CommandNotFoundException if a local program does not exist (a remote one ends with
   *     status 127 instead)
   * @throws ConnectionLostException if the connection broke
   * @throws ConnectionFailedException if the host could not be reached at all
   */
  RunningCommand start(Command command) throws InterruptedException;

  /**
   * What another host needs to reach this runner's host by itself with {@code ssh}, for a transfer
   * that does not pass through this JVM. Empty for the local host, and for a host that another one
   * cannot be told how to reach.
   */
  default Optional<SshDestination> destination() {
    return Optional.empty();
  }

  /**
   * The words that this runner would run {@code command} with on its host, any privilege prefix
   * included.
   */
  default List<String> words(Command command) {
    return command.argv(List.of());
  }

  /** Ends what still runs, and the connection. Does nothing the second time. */
  @Override
  void close();
}

package io.replication4j.command;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Several commands as one: a shell reads them from its standard input and runs them in order, up to
 * the first that fails. After each it tells the exit status on standard output, and marks the place
 * on both outputs with a word that nobody can guess. Every word is quoted; the shell itself runs
 * without privilege prefix. For authors of a {@link CommandRunner}, whose {@code runAll} is this.
 */
public final class Sequence {

  private static final Duration LONGEST = Duration.ofDays(1);

  /** A shell that a signal ends only after its child, so that the child may clean up. */
  private static final String OUTLIVE = "trap 'exit 143' HUP INT TERM";

  private final List<Command> commands;
  private final List<String> privilege;
  private final String mark = "r4j-" + UUID.randomUUID();

  private Sequence(List<Command> commands, List<String> privilege) {
    this.commands = List.copyOf(commands);
    this.privilege = List.copyOf(privilege);
  }

  /** These commands, each with {@code privilege} before its program. */
  public static Sequence of(List<Command> commands, List<String> privilege) {
    return new Sequence(commands, privilege);
  }

  /**
   * What runs them all: to be started without privilege prefix. May take as long as all of them,
   * and print as much.
   */
  public Command command() {
    Duration timeout =
        commands.stream().map(Command::timeout).reduce(Duration.ZERO, Duration::plus);
    long output = commands.stream().mapToLong(c -> c.outputLimit() + 100L).sum();
    return Command.of("sh", "-s")
        .withInput(
            commands.stream()
                .map(this::lines)
                .collect(Collectors.joining("", "{\n" + OUTLIVE + "\n", "}\n")))
        .withTimeout(timeout.compareTo(LONGEST) < 0 ? timeout : LONGEST)
        .withOutputLimit((int) Math.min(output, Integer.MAX_VALUE - 8));
  }

  private String lines(Command command) {
    return input(command)
        + Quoting.quote(command.argv(privilege))
        + (command.input().isPresent() ? "" : " </dev/null")
        + "\ns=$?; printf '\\n"
        + mark
        + " %d\\n' $s; echo "
        + mark
        + " >&2; [ $s = 0 ] || exit 0\n";
  }

  /** By printf(1), which every shell has built in: of any size. */
  private static String input(Command command) {
    if (!command.argumentLists().isEmpty()) {
      List<String> words = command.argumentLists().stream().flatMap(List::stream).toList();
      return "printf '%s\\0' " + Quoting.quote(words) + " | ";
    }
    return command
        .input()
        .map(text -> "printf %s " + Quoting.quote(List.of(text)) + " | ")
        .orElse("");
  }

  /**
   * Waits for the end of {@code running}, which was started from {@link #command} just now, and
   * closes it. The results of those commands that were run, in order: all of them, or all up to the
   * first that did not succeed. Only the last one has an elapsed time: that of all.
   *
   * @param host the runner's host, for messages
   * @throws CommandNotFoundException if the host has no such program; those before it were run
   * @throws InterruptedException as {@link Completion#await(String, List, Command,
   *     RunningCommand)}, which has the other exceptions, too
   */
  public List<CommandResult> await(String host, RunningCommand running)
      throws InterruptedException {
    String verbs = commands.stream().map(Command::verb).collect(Collectors.joining(", "));
    String text = commands.stream().map(Command::toShellText).collect(Collectors.joining("\n"));
    return results(host, Completion.await(host, command(), verbs, text, running));
  }

  private List<CommandResult> results(String host, CommandResult whole) {
    List<CommandResult> results = new ArrayList<>();
    String rest = whole.output();
    for (Command command : commands) {
      int end = rest.indexOf("\n" + mark + " ");
      int line = end < 0 ? -1 : rest.indexOf('\n', end + 1);
      if (line < 0) {
        results.add(cut(host, command, whole));
        return List.copyOf(results);
      }
      int status = Integer.parseInt(rest.substring(end + mark.length() + 2, line));
      boolean last = status != 0 || results.size() == commands.size() - 1;
      results.add(
          new CommandResult(
              status,
              rest.substring(0, end),
              last ? lastErrors(whole.errorTail()) : "",
              last ? whole.elapsed() : Duration.ZERO));
      rest = rest.substring(line + 1);
      if (status != 0) {
        requireProgram(host, command, results.get(results.size() - 1));
        break;
      }
    }
    return List.copyOf(results);
  }

  /** What the last command said: what stands between the last two marks. */
  private String lastErrors(String tail) {
    String said = tail.endsWith(mark) ? tail.substring(0, tail.length() - mark.length()) : tail;
    int before = said.lastIndexOf(mark);
    return (before < 0 ? said : said.substring(before + mark.length())).strip();
  }

  private void requireProgram(String host, Command command, CommandResult result) {
    if (MissingProgram.explains(command, privilege, result.exitStatus(), result.errorTail())) {
      throw MissingProgram.exception(host, command.argv().get(0), result.errorTail());
    }
  }

  /** The shell itself was ended. */
  private CommandResult cut(String host, Command command, CommandResult whole) {
    if (whole.succeeded()) {
      throw new CommandFailedException(
          "the shell on "
              + host
              + " did not say how "
              + command.verb()
              + " ended; look at what its start-up files print",
          whole.exitStatus());
    }
    return new CommandResult(
        whole.exitStatus(), "", lastErrors(whole.errorTail()), whole.elapsed());
  }
}

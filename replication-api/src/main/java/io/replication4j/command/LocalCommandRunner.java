package io.replication4j.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs commands on this host. Each leads a process group (and session) of its own, by setsid(1)
 * where the host has it, so that cancelling, a time-out and {@link #close} end it with everything
 * that it started: SIGTERM, two seconds of grace, SIGKILL. What a command detached from both its
 * group and its parents is beyond reach.
 *
 * <p>A command keeps running when the JVM is killed, until it notices that its pipes are gone. Host
 * applications that want an orderly end on SIGINT close the runner in a shutdown hook. Thread-safe.
 */
public final class LocalCommandRunner implements CommandRunner {

  private static final Logger LOG = LoggerFactory.getLogger(LocalCommandRunner.class);
  private static final String HOST = "localhost";

  private final List<String> privilege;
  private final Optional<String> setsid = ProgramPath.find("setsid").map(Object::toString);
  private final Set<LocalProcess> running = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  private LocalCommandRunner(List<String> privilege) {
    this.privilege = privilege;
  }

  /** A runner that runs commands as the user of this JVM. */
  public static LocalCommandRunner create() {
    return new LocalCommandRunner(List.of());
  }

  /**
   * A runner that puts {@code words} before every program: {@code sudo -n}, {@code doas -n}, {@code
   * pfexec}. To end a command that runs as another user, kill(1) is run with the same prefix; where
   * that is not allowed, the command ends when it next uses its pipes.
   *
   * @throws IllegalArgumentException if there is no word, or one that no command can have
   */
  public static LocalCommandRunner withPrivilege(String... words) {
    return withPrivilege(List.of(words));
  }

  /** As {@link #withPrivilege(String...)}. */
  public static LocalCommandRunner withPrivilege(List<String> words) {
    return new LocalCommandRunner(Command.of(words).argv());
  }

  /** {@code localhost}. */
  @Override
  public String host() {
    return HOST;
  }

  @Override
  public CommandResult run(Command command) throws InterruptedException {
    return command.argumentLists().isEmpty()
        ? Completion.await(HOST, privilege, command, start(command))
        : runTogether(List.of(command)).get(0);
  }

  @Override
  public List<String> words(Command command) {
    return command.argv(privilege);
  }

  @Override
  public List<CommandResult> runAll(List<Command> commands) throws InterruptedException {
    if (commands.size() < 2) {
      return CommandRunner.super.runAll(commands);
    }
    return runTogether(commands);
  }

  /** All of it has to be there before anything of it is run: a list that is cut is another list. */
  private List<CommandResult> runTogether(List<Command> commands) throws InterruptedException {
    checkProgram(commands.get(0), privilege);
    Sequence sequence = Sequence.of(commands, privilege);
    commands.forEach(command -> LOG.debug("{}: {}", HOST, command));
    return sequence.await(HOST, start(sequence.command(), List.of()));
  }

  @Override
  public RunningCommand start(Command command) throws InterruptedException {
    LOG.debug("{}: {}", HOST, command);
    return start(command, privilege);
  }

  private RunningCommand start(Command command, List<String> prefix) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted before " + command.verb() + " was started");
    }
    checkOpen();
    checkProgram(command, prefix);
    return track(launch(AsciiWords.of(command.argv(prefix)), command.verb()));
  }

  private static void checkProgram(Command command, List<String> prefix) {
    checkProgram(command.argv(prefix).get(0));
    if (prefix.isEmpty()) {
      checkProgram(command.argv().get(0));
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the runner of " + HOST + " is closed");
    }
  }

  private static void checkProgram(String program) {
    if (ProgramPath.find(program).isEmpty()) {
      throw MissingProgram.exception(
          HOST, program, "no executable file of that name on PATH=" + System.getenv("PATH"));
    }
  }

  private LocalProcess launch(List<String> words, String verb) {
    List<String> line = new ArrayList<>(setsid.stream().toList());
    line.addAll(words);
    ProcessBuilder builder = new ProcessBuilder(line);
    builder.environment().put("LC_ALL", "C");
    try {
      Process process = builder.start();
      return new LocalProcess(
          process, new ProcessGroup(process, setsid.isPresent(), privilege), verb);
    } catch (IOException e) {
      throw new UncheckedIOException(
          verb + " could not be started on " + HOST + ": " + e.getMessage(), e);
    }
  }

  private LocalProcess track(LocalProcess process) {
    running.add(process);
    process.whenEnded(() -> running.remove(process));
    if (closed) {
      process.close();
      checkOpen();
    }
    return process;
  }

  @Override
  public void close() {
    closed = true;
    running.forEach(LocalProcess::close);
  }
}

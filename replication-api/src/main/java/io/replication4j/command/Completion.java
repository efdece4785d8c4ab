package io.replication4j.command;

import io.replication4j.ReplicationException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a started command to its end: feeds its input, keeps its output within bounds, and ends it
 * on time-out, interruption or too much output. For authors of a {@link CommandRunner}, whose
 * {@code run} is this on top of {@code start}.
 */
public final class Completion {

  private static final Logger LOG = LoggerFactory.getLogger(Completion.class);
  private static final int CHUNK = 64 << 10;
  private static final Duration FAREWELL = Duration.ofSeconds(2);

  private final String host;
  private final Command command;
  private final String verb;
  private final String text;
  private final RunningCommand running;
  private final long startedAt = System.nanoTime();

  private Completion(
      String host, Command command, String verb, String text, RunningCommand running) {
    this.host = host;
    this.command = command;
    this.verb = verb;
    this.text = text;
    this.running = running;
  }

  /**
   * Waits for the end of {@code running}, which was started from {@code command} just now, and
   * closes it.
   *
   * @param host the runner's host, for messages
   * @param privilege the words that the runner put before the program
   * @throws CommandTimeoutException if it took longer than {@link Command#timeout}; it was ended
   * @throws OutputLimitException if it printed more than {@link Command#outputLimit}; it was ended
   * @throws CommandNotFoundException if its end says that the host has no such program
   * @throws ConnectionLostException if the connection broke while it ran
   * @throws InterruptedException if this thread was interrupted; the command was ended
   */
  public static CommandResult await(
      String host, List<String> privilege, Command command, RunningCommand running)
      throws InterruptedException {
    try (running) {
      CommandResult result =
          new Completion(host, command, command.verb(), command.toShellText(), running).await();
      if (MissingProgram.explains(command, privilege, result.exitStatus(), result.errorTail())) {
        throw MissingProgram.exception(host, command.argv().get(0), result.errorTail());
      }
      return result;
    }
  }

  /** As {@link #await(String, List, Command, RunningCommand)}, for what is called otherwise. */
  static CommandResult await(
      String host, Command command, String verb, String text, RunningCommand running)
      throws InterruptedException {
    try (running) {
      return new Completion(host, command, verb, text, running).await();
    }
  }

  private CommandResult await() throws InterruptedException {
    feed();
    CompletableFuture<CommandResult> end = new CompletableFuture<>();
    Thread collector = Daemon.start("output of " + verb, () -> collect(end));
    try {
      CommandResult result = end.get(command.timeout().toNanos(), TimeUnit.NANOSECONDS);
      LOG.debug("{} on {}: exit {} after {}", text, host, result.exitStatus(), result.elapsed());
      return result;
    } catch (TimeoutException e) {
      throw timedOut();
    } catch (ExecutionException e) {
      throw failure(Optional.ofNullable(e.getCause()).orElse(e));
    } finally {
      if (!end.isDone() || end.isCompletedExceptionally()) {
        running.close();
      }
      Daemon.join(collector, FAREWELL);
    }
  }

  private void feed() {
    byte[] input = command.inputBytes();
    if (input.length == 0) {
      write(input);
    } else {
      Daemon.start("input of " + verb, () -> write(input));
    }
  }

  /**
   * A command that does not read all its input has its reasons, and an exit status; a lost
   * connection shows on its output.
   */
  private void write(byte[] input) {
    try (OutputStream stdin = running.stdin()) {
      stdin.write(input);
    } catch (IOException | ReplicationException e) {
      LOG.debug("{} on {} did not read all its input: {}", verb, host, e.getMessage());
    }
  }

  private void collect(CompletableFuture<CommandResult> end) {
    try {
      String output = readOutput(running.stdout()).toString(StandardCharsets.UTF_8);
      int exitStatus = running.waitFor();
      end.complete(new CommandResult(exitStatus, output, running.errorTail(), elapsed()));
    } catch (Throwable e) { // whatever it is, the waiting thread has to hear of it
      end.completeExceptionally(e);
    }
  }

  private ByteArrayOutputStream readOutput(InputStream stdout) throws IOException {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    byte[] chunk = new byte[Math.min(CHUNK, command.outputLimit() + 1)];
    for (int count; (count = stdout.read(chunk)) >= 0; ) {
      if (count > command.outputLimit() - output.size()) {
        throw new OutputLimitException(
            verb
                + " on "
                + host
                + " printed more than "
                + command.outputLimit()
                + " bytes and was ended (ask for less, or raise the command's output limit): "
                + text,
            null);
      }
      output.write(chunk, 0, count);
    }
    return output;
  }

  private CommandTimeoutException timedOut() {
    running.close();
    String tail = running.errorTail();
    return new CommandTimeoutException(
        verb
            + " on "
            + host
            + " took longer than "
            + command.timeout()
            + " and was ended with all its children"
            + (tail.isEmpty() ? "" : ", having said: " + tail)
            + " (find out what it waits for, or raise the command's timeout): "
            + text,
        null);
  }

  private RuntimeException failure(Throwable cause) {
    if (cause instanceof ReplicationException known) {
      return known;
    }
    return new IllegalStateException(
        verb + " on " + host + " was cut short: " + cause.getMessage(), cause);
  }

  private Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - startedAt);
  }
}

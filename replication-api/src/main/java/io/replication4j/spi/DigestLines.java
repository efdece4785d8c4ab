package io.replication4j.spi;

import io.replication4j.UnexpectedOutputException;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.ConnectionLostException;
import io.replication4j.command.RunningCommand;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;

/**
 * Reads what a command prints that digests something: lines of sha256sum(1). One thread, but for
 * {@link #close}.
 */
final class DigestLines implements AutoCloseable {

  private static final int DIGEST_LENGTH = 64;
  private static final int LONGEST_LINE = 200;

  private final StorageBackend backend;
  private final Command command;
  private final RunningCommand running;
  private final InputStream lines;
  private final long start = System.nanoTime();

  /** Starts the command on the backend's host. */
  DigestLines(StorageBackend backend, Command command) throws InterruptedException {
    this.backend = backend;
    this.command = command;
    this.running = backend.runner().start(command);
    this.lines = new BufferedInputStream(running.stdout(), 1 << 16);
  }

  OutputStream stdin() {
    return running.stdin();
  }

  /**
   * The next line, cut where no digest is so long; empty where the output ends.
   *
   * @throws ConnectionLostException if it broke off, and the command does not say why
   * @throws UnexpectedOutputException if it ended within a line
   */
  Optional<String> next() throws InterruptedException {
    StringBuilder line = new StringBuilder();
    try {
      int c;
      while ((c = lines.read()) != '\n' && line.length() < LONGEST_LINE) {
        if (c < 0 && line.length() > 0) {
          requireSuccess();
          throw unreadable(line.toString());
        } else if (c < 0) {
          return Optional.empty();
        }
        line.append((char) c);
      }
    } catch (IOException e) {
      throw broken(e);
    }
    return Optional.of(line.toString());
  }

  /** The 64 hexadecimal digits that a line begins with. */
  String digest(String line) {
    String digest = line.substring(0, Math.min(DIGEST_LENGTH, line.length()));
    if (!digest.matches("[0-9a-f]{64}")) {
      throw unreadable(line);
    }
    return digest;
  }

  UnexpectedOutputException unreadable(String line) {
    return unexpected("printed '" + line + "', which cannot be read");
  }

  /** The command has ended, and should have said more. */
  RuntimeException tooShort() throws InterruptedException {
    requireSuccess();
    return unexpected("ended with status 0 before it had said everything");
  }

  private UnexpectedOutputException unexpected(String what) {
    return new UnexpectedOutputException(
        command.verb() + " on " + host() + ", which digests what is there, " + what, null);
  }

  /** Its exit status says why the conversation ended, if it has one. */
  RuntimeException broken(IOException e) throws InterruptedException {
    requireSuccess();
    return new ConnectionLostException(
        command.verb() + " on " + host() + " broke off; run again", e);
  }

  /** Waits for the end of the command; throws the backend's exception if it failed. */
  void requireSuccess() throws InterruptedException {
    int status = running.waitFor();
    if (status != 0) {
      Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
      throw backend.failure(command, new CommandResult(status, "", running.errorTail(), elapsed));
    }
  }

  /** Waits for the end of the command: the last of what it said to its standard error. */
  String lastWords() throws InterruptedException {
    running.waitFor();
    return running.errorTail();
  }

  private String host() {
    return backend.runner().host();
  }

  /** Ends the command, if it still runs. */
  @Override
  public void close() {
    running.close();
  }
}

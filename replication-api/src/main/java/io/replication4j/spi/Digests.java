package io.replication4j.spi;

import io.replication4j.UnexpectedOutputException;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.ConnectionLostException;
import io.replication4j.command.RunningCommand;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * A command that answers with digests of what a device or plain file on its host holds. Only they
 * travel. Answers come in the order of the questions, so whoever asks in ascending order has it
 * read once from its start to its end. Some questions may be asked ahead, to keep it busy; the
 * answers wait in the command's pipe, and a caller that never reads them waits for ever. For one
 * thread; {@link #close} may be called by any.
 *
 * <p>The command is the backend's ({@link StorageBackend#digests}). It reads questions from its
 * standard input, a line each, and answers with lines that begin with a SHA-256 in hexadecimal:
 *
 * <ul>
 *   <li>{@code range OFFSET LENGTH}: one line, for these bytes;
 *   <li>{@code blocks OFFSET LENGTH}: a line for each block of {@value #BLOCK_BYTES} bytes of them,
 *       in ascending order, the last of which may be shorter.
 * </ul>
 *
 * At the end of its input it ends with status 0. If it cannot read what it is asked for it ends
 * with another.
 */
public final class Digests implements AutoCloseable {

  /** The unit of {@link #askBlocks}. */
  public static final int BLOCK_BYTES = 4096;

  private static final int DIGEST_LENGTH = 64;
  private static final int LONGEST_LINE = 200;

  private final StorageBackend backend;
  private final String path;
  private final Command command;
  private final RunningCommand running;
  private final InputStream answers;
  private final long start = System.nanoTime();

  private Digests(StorageBackend backend, String path) throws InterruptedException {
    this.backend = backend;
    this.path = path;
    this.command = backend.digests(path);
    this.running = backend.runner().start(command);
    this.answers = new BufferedInputStream(running.stdout(), 1 << 16);
  }

  /**
   * Starts the command.
   *
   * @param path of a block device or plain file on the backend's host
   */
  public static Digests of(StorageBackend backend, String path) throws InterruptedException {
    return new Digests(backend, path);
  }

  /** One {@link #answer} is to follow. */
  public void askRange(long offset, long length) throws InterruptedException {
    ask("range " + offset + " " + length + "\n");
  }

  /** For each of the blocks one {@link #answer} is to follow. */
  public void askBlocks(long offset, long length) throws InterruptedException {
    ask("blocks " + offset + " " + length + "\n");
  }

  private void ask(String question) throws InterruptedException {
    try {
      running.stdin().write(question.getBytes(StandardCharsets.US_ASCII));
      running.stdin().flush();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /**
   * The next digest, 64 hexadecimal digits; waits for it.
   *
   * @throws ConnectionLostException if the command's output broke off, and it does not say why
   * @throws UnexpectedOutputException if it printed something else
   * @throws io.replication4j.ReplicationException the backend's, if the command failed
   */
  public String answer() throws InterruptedException {
    StringBuilder line = new StringBuilder();
    try {
      int c;
      while ((c = answers.read()) != '\n' && line.length() < LONGEST_LINE) {
        if (c < 0) {
          throw new EOFException();
        }
        line.append((char) c);
      }
    } catch (IOException e) {
      throw failed(e);
    }
    String digest = line.substring(0, Math.min(DIGEST_LENGTH, line.length()));
    if (!digest.matches("[0-9a-f]{64}")) {
      throw new UnexpectedOutputException(
          command.verb() + " on " + host() + " printed '" + line + "' for a digest", null);
    }
    return digest;
  }

  /** Nothing more will be asked, and all was answered; throws if anything went wrong. */
  public void end() throws InterruptedException {
    try {
      running.stdin().close();
    } catch (IOException e) {
      throw failed(e);
    }
    requireSuccess();
  }

  private void requireSuccess() throws InterruptedException {
    int status = running.waitFor();
    if (status != 0) {
      Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
      throw backend.failure(command, new CommandResult(status, "", running.errorTail(), elapsed));
    }
  }

  /** Its exit status says why the conversation ended, if it has one. */
  private RuntimeException failed(IOException e) throws InterruptedException {
    requireSuccess();
    return new ConnectionLostException(
        "the digests of " + path + " on " + host() + " broke off; run again", e);
  }

  private String host() {
    return backend.runner().host();
  }

  /** Ends the command, and whoever waits for an answer. */
  @Override
  public void close() {
    running.close();
  }
}

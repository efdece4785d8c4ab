package io.replication4j.spi;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

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

  private final DigestLines answers;

  private Digests(DigestLines answers) {
    this.answers = answers;
  }

  /**
   * Starts the command.
   *
   * @param path of a block device or plain file on the backend's host
   */
  public static Digests of(StorageBackend backend, String path) throws InterruptedException {
    return new Digests(new DigestLines(backend, backend.digests(path)));
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
      answers.stdin().write(question.getBytes(StandardCharsets.US_ASCII));
      answers.stdin().flush();
    } catch (IOException e) {
      throw answers.broken(e);
    }
  }

  /**
   * The next digest, 64 hexadecimal digits; waits for it.
   *
   * @throws io.replication4j.command.ConnectionLostException if the command's output broke off, and
   *     it does not say why
   * @throws io.replication4j.UnexpectedOutputException if it printed something else, or ended
   * @throws io.replication4j.ReplicationException the backend's, if the command failed
   */
  public String answer() throws InterruptedException {
    Optional<String> line = answers.next();
    if (line.isEmpty()) {
      throw answers.tooShort();
    }
    return answers.digest(line.get());
  }

  /** Nothing more will be asked, and all was answered; throws if anything went wrong. */
  public void end() throws InterruptedException {
    try {
      answers.stdin().close();
    } catch (IOException e) {
      throw answers.broken(e);
    }
    answers.requireSuccess();
  }

  /** Ends the command, and whoever waits for an answer. */
  @Override
  public void close() {
    answers.close();
  }
}

package io.replication4j.internal;

import io.replication4j.UnexpectedOutputException;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.ConnectionLostException;
import io.replication4j.command.RunningCommand;
import io.replication4j.spi.StorageBackend;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * One side of a comparison: a command that answers, in order, with digests of what its device
 * holds. Questions may be asked ahead; the answers wait in the command's pipe. One thread.
 */
final class Digests implements AutoCloseable {

  /** The unit of {@link #askBlocks}. */
  static final int BLOCK_BYTES = 4096;

  /**
   * Answers requests on standard input, one after the other, with lines of sha256sum(1). {@code
   * range OFFSET LENGTH}: one, of these bytes. {@code blocks OFFSET LENGTH}: one for each block of
   * 4 KiB; split(1) lays them down as files, so that one process reads them all. Devices are read
   * past the page cache: what is on the disk counts, and what a kernel target wrote behind the
   * cache. What dd(1) ended with becomes the script's own status.
   *
   * <p>1 the device
   */
  private static final String SCRIPT =
      """
      device=$1 dir= flags=fullblock,skip_bytes,count_bytes
      [ ! -b "$device" ] || flags=$flags,direct
      trap '[ -z "$dir" ] || rm -rf "$dir"' 0
      trap 'exit 143' HUP INT TERM
      exec 4>&1
      piece() { dd if="$device" bs=1048576 skip="$1" count="$2" iflag="$flags" status=none; echo $? >&3; }
      while read -r request offset length; do
        case $request in
        range) ended=$({ piece "$offset" "$length" | sha256sum >&4; } 3>&1) || exit;;
        blocks)
          [ -n "$dir" ] || { dir=$(mktemp -d /dev/shm/r4j.XXXXXX 2>/dev/null || mktemp -d) && cd "$dir"; } || exit
          ended=$({ piece "$offset" "$length" | split -b 4096 -a 4 -; } 3>&1) || exit
          sha256sum x???? || exit
          rm -f x????;;
        *) exit 64;;
        esac
        [ "$ended" = 0 ] || exit "$ended"
      done
      """;

  private static final int DIGEST_LENGTH = 64;
  private static final int LONGEST_LINE = 200;

  private final StorageBackend backend;
  private final Command command;
  private final RunningCommand running;
  private final InputStream answers;
  private final long start = System.nanoTime();

  private Digests(StorageBackend backend, Command command) throws InterruptedException {
    this.backend = backend;
    this.command = command;
    this.running = backend.runner().start(command);
    this.answers = new BufferedInputStream(running.stdout(), 1 << 16);
  }

  /** Starts the command on the backend's host. */
  static Digests of(StorageBackend backend, String device) throws InterruptedException {
    return new Digests(backend, command(device));
  }

  static Command command(String device) {
    return Command.of("sh", "-c", SCRIPT, "sh", device);
  }

  void askRange(long offset, long length) throws InterruptedException {
    ask("range " + offset + " " + length + "\n");
  }

  void askBlocks(long offset, long length) throws InterruptedException {
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

  /** The next digest. */
  String answer() throws InterruptedException {
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

  /** Nothing more will be asked; throws if anything went wrong. */
  void end() throws InterruptedException {
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
        "the digests of " + command.argv().get(4) + " on " + host() + " broke off; run again", e);
  }

  private String host() {
    return backend.runner().host();
  }

  @Override
  public void close() {
    running.close();
  }
}

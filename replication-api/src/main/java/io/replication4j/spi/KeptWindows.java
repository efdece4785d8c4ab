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
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;

/**
 * What a target keeps of an interrupted stream, window by window, without moving it: a command
 * there prints how many bytes it has, and then the digest of each mebibyte of them, in order, as
 * sha256sum(1) does; the last one may be of fewer. While it reads, the stream is made once more
 * here, and compared. Nothing has to be known of how far the stream came, nor that its sender makes
 * the same bytes twice: whatever differs, and all behind it, is moved. One thread, but for {@link
 * #close}.
 */
public final class KeptWindows implements AutoCloseable {

  /** The length of a window. */
  public static final int BYTES = 1 << 20;

  private static final int LONGEST_LINE = 200;

  private final StorageBackend backend;
  private final Command command;
  private final RunningCommand running;
  private final InputStream lines;
  private final long start = System.nanoTime();
  private long size = -1;
  private long compared;

  private KeptWindows(StorageBackend backend, Command command) throws InterruptedException {
    this.backend = backend;
    this.command = command;
    this.running = backend.runner().start(command);
    this.lines = new BufferedInputStream(running.stdout());
  }

  /**
   * Starts the command on the backend's host.
   *
   * @param command prints a number of bytes, and then lines of sha256sum(1); nothing: there is
   *     nothing
   */
  public static KeptWindows of(StorageBackend backend, Command command)
      throws InterruptedException {
    return new KeptWindows(backend, command);
  }

  /** How many bytes were found equal so far. */
  public long compared() {
    return compared;
  }

  /**
   * How many bytes the next window has; 0: there is none.
   *
   * @throws io.replication4j.ReplicationException if the command fails
   */
  public int next() throws InterruptedException {
    if (size < 0) {
      String line = line();
      size = line.isEmpty() ? 0 : number(line);
    }
    return (int) Math.min(BYTES, size - compared);
  }

  /**
   * Whether the next window holds this. If so the one behind it is next.
   *
   * @param window as many bytes as {@link #next} says, from index 0
   */
  public boolean holds(byte[] window) throws InterruptedException {
    int length = next();
    String line = line();
    MessageDigest digest = sha256();
    digest.update(window, 0, length);
    boolean equal = line.startsWith(HexFormat.of().formatHex(digest.digest()));
    if (equal) {
      compared += length;
      if (compared == size) {
        requireSuccess(); // nothing there reads it any more
      }
    } else if (!line.matches("[0-9a-f]{64}\\b.*")) {
      throw unreadable(line);
    }
    return equal;
  }

  private long number(String line) {
    if (!line.matches("\\d{1,18}")) {
      throw unreadable(line);
    }
    return Long.parseLong(line);
  }

  private UnexpectedOutputException unreadable(String line) {
    return new UnexpectedOutputException(
        command.verb() + " on " + host() + " printed '" + line + "' for what is kept there", null);
  }

  /** Empty at the end of the output before the first line. */
  private String line() throws InterruptedException {
    StringBuilder line = new StringBuilder();
    try {
      int c;
      while ((c = lines.read()) != '\n' && line.length() < LONGEST_LINE) {
        if (c < 0 && (size >= 0 || line.length() > 0)) {
          throw new EOFException();
        } else if (c < 0) {
          requireSuccess();
          return "";
        }
        line.append((char) c);
      }
    } catch (IOException e) {
      requireSuccess(); // its exit status says why, if it has one
      throw new ConnectionLostException(
          command.verb() + " on " + host() + " broke off; run again", e);
    }
    return line.toString();
  }

  private void requireSuccess() throws InterruptedException {
    int status = running.waitFor();
    if (status != 0) {
      Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
      throw backend.failure(command, new CommandResult(status, "", running.errorTail(), elapsed));
    }
  }

  private String host() {
    return backend.runner().host();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Ends the command, if it still runs. */
  @Override
  public void close() {
    running.close();
  }
}

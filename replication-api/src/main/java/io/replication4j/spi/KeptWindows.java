package io.replication4j.spi;

import static java.util.regex.Pattern.MULTILINE;

import io.replication4j.command.Command;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

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

  /** Linux errno text in the C locale, at the end of a line of any tool (coreutils 8.32 to 9.1). */
  private static final Pattern UNREADABLE = Pattern.compile(": Input/output error$", MULTILINE);

  private final DigestLines lines;
  private long size = -1;
  private long compared;

  private KeptWindows(DigestLines lines) {
    this.lines = lines;
  }

  /**
   * Starts the command on the backend's host.
   *
   * @param command prints a number of bytes, and then lines of sha256sum(1); nothing: there is
   *     nothing
   */
  public static KeptWindows of(StorageBackend backend, Command command)
      throws InterruptedException {
    return new KeptWindows(new DigestLines(backend, command));
  }

  /** How many bytes were found equal so far. */
  public long compared() {
    return compared;
  }

  /**
   * How many bytes the next window has; 0: there is none.
   *
   * @throws io.replication4j.ReplicationException if the command fails
   * @throws io.replication4j.UnexpectedOutputException if it prints something else than a number
   */
  public int next() throws InterruptedException {
    if (size < 0) {
      size = size();
    }
    return (int) Math.min(BYTES, size - compared);
  }

  private long size() throws InterruptedException {
    Optional<String> line = lines.next();
    if (line.isEmpty()) {
      lines.requireSuccess();
      return 0;
    }
    if (!line.get().matches("\\d{1,18}")) {
      throw lines.unreadable(line.get());
    }
    return Long.parseLong(line.get());
  }

  /**
   * Whether the next window holds this. If so the one behind it is next. What its host's disk
   * cannot give back any more (an input/output error) is something else.
   *
   * @param window as many bytes as {@link #next} says, from index 0
   * @throws io.replication4j.ReplicationException if the command fails otherwise
   * @throws io.replication4j.UnexpectedOutputException if it prints something else than digests, or
   *     fewer than there are windows
   */
  public boolean holds(byte[] window) throws InterruptedException {
    int length = next();
    Optional<String> line = lines.next();
    if (line.isEmpty()) {
      requireUnreadable();
      return false;
    }
    MessageDigest digest = sha256();
    digest.update(window, 0, length);
    boolean equal = lines.digest(line.get()).equals(HexFormat.of().formatHex(digest.digest()));
    if (equal) {
      compared += length;
      if (compared == size) {
        lines.requireSuccess(); // nothing there reads it any more
      }
    }
    return equal;
  }

  private void requireUnreadable() throws InterruptedException {
    if (!UNREADABLE.matcher(lines.lastWords()).find()) {
      throw lines.tooShort();
    }
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
    lines.close();
  }
}

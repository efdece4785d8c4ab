package io.replication4j.btrfs;

import io.replication4j.UnsupportedException;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which formats one host can write and read. Asked when first needed, and kept; an answer that
 * cannot be read is a no. Thread-safe.
 */
final class StreamFormats {

  /** The flags of a stream of protocol 2 with data as it is compressed on disk. */
  static final List<String> COMPRESSED = List.of("--proto", "2", "--compressed-data");

  /**
   * btrfs-progs 5.19 reads it; where it has to decompress, 6.0.2 was the first not to lose data
   * silently, and 6.2 the first not to write wrong data from zstd.
   */
  private static final int MAJOR = 6;

  private static final int MINOR = 2;

  /**
   * {@code btrfs-progs v6.2}, {@code btrfs-progs v6.6.3}, {@code btrfs-progs v6.11-rc1}; lines of
   * features may follow.
   */
  private static final Pattern VERSION =
      Pattern.compile("^btrfs-progs v(\\d{1,4})\\.(\\d{1,4})\\b.*$", Pattern.MULTILINE);

  private static final Pattern NUMBER = Pattern.compile("\\d{1,4}");

  private final CommandRunner runner;
  private final Map<List<String>, String> answers = new ConcurrentHashMap<>();

  StreamFormats(CommandRunner runner) {
    this.runner = runner;
  }

  boolean receivesCompressed() throws InterruptedException {
    Matcher version = VERSION.matcher(answer(BtrfsCommands.version()));
    if (!version.find()) {
      return false;
    }
    int major = Integer.parseInt(version.group(1));
    return major > MAJOR || (major == MAJOR && Integer.parseInt(version.group(2)) >= MINOR);
  }

  boolean sendsCompressed() throws InterruptedException {
    String number = answer(BtrfsCommands.streamVersion()).strip();
    return NUMBER.matcher(number).matches()
        && Integer.parseInt(number) >= 2
        && receivesCompressed();
  }

  /**
   * Before anything is sent to a host where it would be written wrongly.
   *
   * @throws UnsupportedException if this host is, or may be, too old
   */
  void requireReceivesCompressed() throws InterruptedException {
    if (!receivesCompressed()) {
      throw new UnsupportedException(
          runner.host()
              + " cannot be trusted with a stream of compressed data: 'btrfs --version' says '"
              + answer(BtrfsCommands.version()).strip()
              + "', and btrfs receive before "
              + MAJOR
              + "."
              + MINOR
              + " can write wrong data from it; choose BtrfsOptions.Stream.AUTO or VERSION_1 at the source, or install a newer"
              + " btrfs-progs there",
          null);
    }
  }

  /** Empty if the command fails: an older kernel has no such file. */
  private String answer(Command command) throws InterruptedException {
    String known = answers.get(command.argv());
    if (known == null) {
      CommandResult result = runner.run(command);
      known = result.succeeded() ? result.output() : "";
      answers.put(command.argv(), known);
    }
    return known;
  }
}

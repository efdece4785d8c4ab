package io.replication4j.btrfs;

import io.replication4j.UnsupportedException;
import io.replication4j.command.CommandResult;
import io.replication4j.command.CommandRunner;
import java.util.List;
import java.util.Optional;
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
  private volatile Optional<Answers> answers = Optional.empty();

  StreamFormats(CommandRunner runner) {
    this.runner = runner;
  }

  /**
   * What the host says of itself; a question that it cannot answer has an empty one.
   *
   * @param progs {@code btrfs --version}
   * @param kernel the newest protocol that it sends
   */
  private record Answers(String progs, String kernel) {}

  boolean receivesCompressed() throws InterruptedException {
    Matcher version = VERSION.matcher(answers().progs());
    if (!version.find()) {
      return false;
    }
    int major = Integer.parseInt(version.group(1));
    return major > MAJOR || (major == MAJOR && Integer.parseInt(version.group(2)) >= MINOR);
  }

  boolean sendsCompressed() throws InterruptedException {
    String number = answers().kernel().strip();
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
              + answers().progs().strip()
              + "', and btrfs receive before "
              + MAJOR
              + "."
              + MINOR
              + " can write wrong data from it; choose BtrfsOptions.Stream.AUTO or VERSION_1 at the source, or install a newer"
              + " btrfs-progs there",
          null);
    }
  }

  private Answers answers() throws InterruptedException {
    if (answers.isEmpty()) {
      List<CommandResult> results =
          runner.runAll(List.of(BtrfsCommands.version(), BtrfsCommands.streamVersion()));
      answers = Optional.of(new Answers(output(results, 0), output(results, 1)));
    }
    return answers.get();
  }

  /** An older kernel has no such file. */
  private static String output(List<CommandResult> results, int index) {
    return index < results.size() && results.get(index).succeeded()
        ? results.get(index).output()
        : "";
  }
}

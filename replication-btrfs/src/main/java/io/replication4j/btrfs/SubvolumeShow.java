package io.replication4j.btrfs;

import io.replication4j.UnexpectedOutputException;
import io.replication4j.UnsupportedException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code btrfs subvolume show} (btrfs-progs 5.10 to 6.x) of the top of a filesystem. */
final class SubvolumeShow {

  private static final String UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";

  private SubvolumeShow() {}

  /**
   * The row that a listing does not have.
   *
   * @throws UnsupportedException if the filesystem is so old that its top has no uuid, by which its
   *     snapshots are known
   */
  static Subvolume parseTop(String output) {
    if (number(output, "Subvolume ID") != SubvolumeListParser.TOP) {
      throw unreadable("this is not the top of the filesystem", output);
    }
    String uuid = field(output, "UUID", "-|" + UUID);
    if (uuid.equals("-")) {
      throw new UnsupportedException(
          "the top of this btrfs, made by btrfs-progs older than 4.16, has no uuid, so that its snapshots cannot be told from"
              + " others; move what it holds into a subvolume, and replicate that",
          null);
    }
    return new Subvolume(
        SubvolumeListParser.TOP,
        number(output, "Generation"),
        0,
        0,
        Optional.empty(),
        Optional.empty(),
        uuid,
        "");
  }

  private static long number(String output, String name) {
    return Long.parseLong(field(output, name, "\\d{1,18}"));
  }

  /**
   * The value of the only line of that name: what follows the list of snapshots, whose names are
   * anyone's, is not read.
   */
  private static String field(String output, String name, String value) {
    String head = output.split("\n\tSnapshot\\(s\\):", 2)[0];
    Matcher matcher =
        Pattern.compile("^\\t" + name + ":[ \\t]+(" + value + ")$", Pattern.MULTILINE)
            .matcher(head);
    if (!matcher.find()) {
      throw unreadable("'btrfs subvolume show' has no " + name, output);
    }
    String found = matcher.group(1);
    if (matcher.find()) {
      throw unreadable("'btrfs subvolume show' has two lines of " + name, output);
    }
    return found;
  }

  private static UnexpectedOutputException unreadable(String what, String output) {
    return new UnexpectedOutputException(
        what
            + ": '"
            + (output.length() > 400 ? output.substring(0, 400) + "…" : output)
            + "'; nothing was changed",
        null);
  }
}

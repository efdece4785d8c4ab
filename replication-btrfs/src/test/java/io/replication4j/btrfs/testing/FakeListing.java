package io.replication4j.btrfs.testing;

import io.replication4j.btrfs.testing.FakeNode.FakeDirectory;
import io.replication4j.btrfs.testing.FakeNode.FakeFile;
import io.replication4j.btrfs.testing.FakeNode.FakeSubvolume;
import io.replication4j.btrfs.testing.FakeVolume.Located;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What lists: {@code btrfs subvolume list}, find(1), {@code /proc/self/mountinfo}. */
final class FakeListing {

  /** What the library asks find(1) for, after the directories. */
  private static final List<String> FIND =
      List.of(
          "-mindepth",
          "1",
          "-maxdepth",
          "3",
          "(",
          "-type",
          "d",
          "-printf",
          "d %i %H\\0%P\\0",
          ")",
          "-o",
          "(",
          "-type",
          "f",
          "-name",
          "state-*.json",
          "-printf",
          "f %i %H\\0%P\\0",
          "-exec",
          "cat",
          "{}",
          ";",
          "-printf",
          "\\0",
          ")",
          "-o",
          "(",
          "-type",
          "f",
          "-name",
          "spool-*",
          "-printf",
          "s %i %H\\0%P\\0",
          ")");

  private static final int DEPTH = 3;

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final FakeVolume volume;

  FakeListing(FakeVolume volume) {
    this.volume = volume;
  }

  String mounts() {
    return "21 1 0:20 / / rw,relatime - ext4 /dev/vda1 rw\n"
        + "49 21 0:82 / "
        + volume.point()
        + " rw,noatime - btrfs /dev/vdb rw,space_cache=v2,subvolid=5,subvol=/\n";
  }

  /** {@code subvolume list -pcguqR} or {@code -su}. */
  String subvolumes(String flags, String path) {
    if (volume.find(path).isEmpty()) {
      throw new FakeRefusal(
          "ERROR: cannot access '"
              + path
              + "': "
              + FakeErrno.NO_ENTRY
              + "\nERROR: can't access '"
              + path
              + "'");
    }
    if (flags.equals("-pcguqR")) {
      return volume.subvolumes().stream().map(FakeListing::row).collect(Collectors.joining());
    } else if (flags.equals("-su")) {
      return volume.subvolumes().stream()
          .filter(located -> located.subvolume().parentUuid.isPresent())
          .map(FakeListing::timedRow)
          .collect(Collectors.joining());
    }
    throw new FakeRefusal("btrfs subvolume list: invalid option -- '" + flags + "'");
  }

  private static String row(Located located) {
    FakeSubvolume row = located.subvolume();
    return "ID "
        + row.id
        + " gen "
        + row.generation
        + " cgen "
        + row.createdIn
        + " parent "
        + located.holder()
        + " top level "
        + located.holder()
        + " parent_uuid "
        + padded(row.parentUuid)
        + " received_uuid "
        + padded(row.receivedUuid)
        + " uuid "
        + row.uuid
        + " path "
        + located.path()
        + "\n";
  }

  private static String padded(Optional<String> uuid) {
    return uuid.orElse("-" + " ".repeat(35));
  }

  private static String timedRow(Located located) {
    FakeSubvolume row = located.subvolume();
    return "ID "
        + row.id
        + " gen "
        + row.generation
        + " cgen "
        + row.createdIn
        + " top level "
        + located.holder()
        + " otime "
        + TIME.format(Instant.ofEpochSecond(row.createdAt))
        + " uuid "
        + row.uuid
        + " path "
        + located.path()
        + "\n";
  }

  /**
   * @param words those after {@code find}
   */
  String find(List<String> words) {
    int count = words.size() - FIND.size();
    if (count < 1 || !words.subList(count, words.size()).equals(FIND)) {
      throw new FakeRefusal("find: unknown predicate in " + words);
    }
    StringBuilder output = new StringBuilder();
    for (String top : words.subList(0, count)) {
      if (!(volume.find(top).orElse(null) instanceof FakeDirectory directory)) {
        throw new FakeRefusal("find: '" + top + "': " + FakeErrno.NO_ENTRY);
      }
      visit(top, "", directory, 1, output);
    }
    return output.toString();
  }

  private static void visit(
      String top, String prefix, FakeDirectory directory, int depth, StringBuilder output) {
    directory.entries.forEach(
        (name, node) -> {
          String path = prefix + name;
          if (node instanceof FakeDirectory below) {
            output
                .append("d ")
                .append(inode(below))
                .append(' ')
                .append(top)
                .append('\0')
                .append(path)
                .append('\0');
            if (depth < DEPTH) {
              visit(top, path + "/", below, depth + 1, output);
            }
          } else if (node instanceof FakeFile file && name.matches("state-.*\\.json")) {
            output
                .append("f 300 ")
                .append(top)
                .append('\0')
                .append(path)
                .append('\0')
                .append(file.text())
                .append('\0');
          } else if (node instanceof FakeFile && name.startsWith("spool-")) {
            output.append("s 300 ").append(top).append('\0').append(path).append('\0');
          }
        });
  }

  private static int inode(FakeDirectory directory) {
    return directory instanceof FakeSubvolume ? 256 : directory.isPlace ? 2 : 257;
  }
}

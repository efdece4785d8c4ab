package io.replication4j.lvm;

import io.replication4j.FilesystemName;
import io.replication4j.command.Command;
import io.replication4j.command.CommandResult;
import io.replication4j.command.RunningCommand;
import io.replication4j.testing.Site;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** How volumes of real hosts get into these situations. */
abstract class RealScenarios extends LvmScenarios {

  /** The volume itself is {@code …-real} below its snapshots; its table names disk and sector. */
  private static final String FLIP =
      """
      set -- $(dmsetup table "$1-real") "$2"
      disk=/dev/block/$4 byte=$(($5 * 512 + $6))
      old=$(dd if="$disk" bs=1 skip="$byte" count=1 status=none | od -An -tu1)
      printf "\\\\$(printf %o $((old ^ 1)))" | dd of="$disk" bs=1 seek="$byte" conv=notrunc,fsync status=none
      """;

  @Override
  void createLarge(Site site, FilesystemName volume, int mebibytes) throws InterruptedException {
    shell(
        site,
        "lvcreate -y -q -W n -Z n -L \"$1\"m -n \"$3\" \"$2\" >&2; blkdiscard -z \"/dev/$2/$3\"",
        Integer.toString(mebibytes),
        Volume.of(volume).group(),
        Volume.of(volume).name());
  }

  @Override
  void overwrite(Site site, FilesystemName volume) throws InterruptedException {
    shell(
        site,
        "dd if=/dev/urandom of=\"/dev/$1\" bs=1M count=1 seek=1 conv=notrunc,fsync status=none",
        volume.value());
  }

  /** LVM makes it 640 KiB: it adds room for the exceptions to the percentage. */
  @Override
  void overwrite(Site site, FilesystemName volume, int round) throws InterruptedException {
    shell(
        site,
        "dd if=/dev/urandom of=\"/dev/$1\" bs=4096 count=120 seek=$((32 + 120 * $2))"
            + " conv=notrunc,fsync status=none",
        volume.value(),
        Integer.toString(round));
  }

  /** By way of the disk that the volume lies on: its first extent is the first of its segment. */
  @Override
  void flipBit(Site site, FilesystemName volume, long offset) throws InterruptedException {
    shell(site, FLIP, Volume.of(volume).mapped(), Long.toString(offset));
  }

  @Override
  AutoCloseable keepOpen(Site site, FilesystemName volume) throws Exception {
    Command command =
        Command.of(
            "sh", "-c", "exec 3<\"$1\" && echo open && read -r word", "sh", "/dev/" + volume);
    RunningCommand reader = site.runner().start(command);
    if (reader.stdout().read() != 'o') {
      throw new IllegalStateException(reader.errorTail());
    }
    return () -> {
      reader.stdin().close();
      reader.waitFor();
      reader.close();
    };
  }

  @Override
  AutoCloseable fill(Site site) throws InterruptedException {
    String group = Volume.of(site.name("hog")).group();
    shell(site, "lvcreate -y -q -W n -Z n -l 100%FREE -n hog \"$1\"", group);
    return () -> shell(site, "lvremove -y -q \"$1/hog\"", group);
  }

  private static void shell(Site site, String script, String... arguments)
      throws InterruptedException {
    List<String> argv = new ArrayList<>(List.of("sh", "-euc", script, "sh"));
    argv.addAll(Arrays.asList(arguments));
    CommandResult result = site.runner().run(Command.of(argv));
    if (!result.succeeded()) {
      throw new IllegalStateException(argv + ": " + result.errorTail());
    }
  }
}

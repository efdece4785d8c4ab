package io.replication4j.btrfs;

import io.replication4j.command.Command;
import io.replication4j.spi.KeptWindows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Every command that this backend runs: btrfs(8), coreutils, findutils, perl(1). Paths are
 * absolute, so none is an option.
 */
final class BtrfsCommands {

  /**
   * {@code hold DIRECTORY}: takes its lock for as long as the shell, and what it starts, lives;
   * waits ten seconds for one that is just ending. btrfs receive goes by paths: what comes late to
   * one that outlived its sync would be applied to what another receives at the same place.
   */
  private static final String HOLD =
      """
      hold() {
        exec 9<"$1" || exit
        command -v flock >/dev/null || return 0
        for i in 1 2 3 4 5 6 7 8 9 10; do
          flock -n 9 && return 0
          [ "$i" = 10 ] || sleep 1
        done
        echo "ERROR: another receiver is at work in $1" >&2
        exit 75
      }
      """;

  /**
   * Around what receives into the directory {@code $in}: a set is what is on disk. btrfs writes the
   * mark of a received subvolume with the next transaction, and the data of its files when it comes
   * to that; a host that loses power in between has a subvolume that says that it is whole, and
   * files with holes. So what is received lies in a directory of its own, together with what the
   * set has already, and becomes the set when all of it is on disk: also what came before a stream
   * broke, or the receiver was ended.
   */
  private static final String BEGIN =
      HOLD
          + """
          trap : HUP INT TERM
          [ ! -d "$in" ] || { hold "$in"; rmdir -- "$in" 2>/dev/null; }
          if [ -d "$set" ] && [ ! -e "$in" ]; then mv -T -- "$set" "$in"; else mkdir -p -- "$in"; fi || exit
          hold "$in"
          """;

  private static final String END =
      """
      status=$?
      btrfs filesystem sync "$in" && mv -T -- "$in" "$set" || exit
      """;

  /** 1 the set, 2 where it is received. */
  static final String RECEIVE_SCRIPT =
      "set=$1 in=$2\n" + BEGIN + "btrfs -q receive -- \"$in\"\n" + END + "exit $status\n";

  /**
   * renameat2(2) with RENAME_EXCHANGE (Linux 3.15); the number of the system call depends on the
   * machine.
   */
  static final String EXCHANGE_SCRIPT =
      "use POSIX (); my %n = (x86_64 => 316, aarch64 => 276, riscv64 => 276, ppc64le => 357, s390x => 347, i686 => 353,"
          + " armv7l => 382); my $n = $n{(POSIX::uname())[4]} or die \"exchange: unknown machine\\n\";"
          + " my ($a, $b) = @ARGV; syscall($n, -100, $a, -100, $b, 2) == 0 or die \"exchange: $!\\n\";";

  /**
   * Removes the empty directory, of inode number 2, that a snapshot shows in place of a subvolume
   * that was nested in its origin, if it is there, without a trace in the times of the directory
   * around it.
   */
  static final String REMOVE_PLACE_SCRIPT =
      "[ \"$(stat -c %i -- \"$1\" 2>/dev/null)\" = 2 ] || exit 0; d=${1%/*};"
          + " t=$(stat -c %y -- \"$d\") && rmdir -- \"$1\" && touch -m -d \"$t\" -- \"$d\"";

  /** The length of a spool, and digests of its windows; nothing if there is none. */
  static final String KEPT_SCRIPT =
      "[ ! -e \"$1\" ] || { stat -c %s -- \"$1\" && exec split -b "
          + KeptWindows.BYTES
          + " --filter=sha256sum -- \"$1\"; }";

  /**
   * Writes standard input to a spool, behind what stays of it. That is taken over into a file of
   * its own first: a writer that outlived its sync goes on in one that has no name any more. Looks
   * every 64 MiB whether what is there could still be received beside it; what was written last may
   * be missing in what statfs(2) says.
   *
   * <p>1 the spool, 2 how many bytes of it stay
   */
  static final String SPOOL_SCRIPT =
      """
      if [ "$2" -gt 0 ]; then
        cp --reflink=always -- "$1" "$1.new" && truncate -s "$2" -- "$1.new" && mv -T -- "$1.new" "$1"
      else
        rm -f -- "$1"
      fi || exit
      exec 3>>"$1" || exit
      room=
      while has=$(stat -c %s -- "$1") && free=$(($(stat -f -c '%a * %S' -- "$1"))); do
        room=${room:-$((free + has))}
        if [ "$free" -le "$has" ] || [ "$((room - has))" -le "$has" ]; then
          echo "spool of $has bytes, which have to be received beside it: No space left on device" >&2
          exit 1
        fi
        dd bs=1048576 count=64 iflag=fullblock status=none >&3 || exit
        [ "$(stat -c %s -- "$1")" -gt "$has" ] || exit 0
      done
      exit 1
      """;

  /**
   * Receives a spool that is whole, and removes it when what was received is on disk. A spool of
   * another length is not what was sent.
   *
   * <p>1 the set, 2 the spool, 3 the length of the stream, 4 where it is received
   */
  static final String RECEIVE_SPOOL_SCRIPT =
      """
      set=$1 in=$4
      if [ "$(stat -c %s -- "$2")" != "$3" ]; then
        echo "ERROR: the spool is not the stream that was sent" >&2
        rm -f -- "$2" "$2.new"
        exit 1
      fi
      """
          + BEGIN
          + "btrfs -q receive -f \"$2\" -- \"$in\"\n"
          + END
          + "[ \"$status\" = 0 ] && rm -f -- \"$2\" \"$2.new\"\nexit $status\n";

  private BtrfsCommands() {}

  static Command list(String path) {
    return Command.of("btrfs", "subvolume", "list", "-pcguqR", path);
  }

  /** One subvolume; also the top, of which {@link #list} says nothing. */
  static Command show(String path) {
    return Command.of("btrfs", "subvolume", "show", path);
  }

  /** Snapshots only, with their creation times in UTC. */
  static Command listTimes(String path) {
    return Command.of("env", "TZ=UTC", "btrfs", "subvolume", "list", "-su", path);
  }

  /** Commits what the filesystem holds back, so that generations tell the truth. */
  static Command flush(String path) {
    return Command.of("btrfs", "filesystem", "sync", path);
  }

  static Command version() {
    return Command.of("btrfs", "--version");
  }

  /** The newest protocol that the kernel sends (Linux 5.10 and later). */
  static Command streamVersion() {
    return Command.of("cat", "/sys/fs/btrfs/features/send_stream_version");
  }

  static Command mounts() {
    return Command.of("cat", "/proc/self/mountinfo");
  }

  /** The canonical paths, NUL-separated, of what need not exist. */
  static Command resolve(List<String> paths) {
    return Command.of(words(List.of("readlink", "-z", "-m", "--"), paths));
  }

  static Command type(String path) {
    return Command.of("stat", "-c", "%F", "--", path);
  }

  /**
   * All leaf directories, sets and entries, and the contents of the records: see {@link
   * SnapshotDirectory}.
   */
  static Command readDirectories(Collection<String> holders) {
    List<String> words = new ArrayList<>(List.of("find"));
    words.addAll(holders);
    words.addAll(
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
            BtrfsLayout.SPOOL + "*",
            "-printf",
            "s %i %H\\0%P\\0",
            ")"));
    return Command.of(words);
  }

  static Command makeDirectories(String path) {
    return Command.of("mkdir", "-p", "--", path);
  }

  static Command makeDirectories(List<String> paths) {
    return Command.of(words(List.of("mkdir", "-p", "--"), paths));
  }

  /** Directories that nobody else can look into. */
  static Command makePrivate(List<String> paths) {
    return Command.of(words(List.of("install", "-d", "-m", "0700", "--"), paths));
  }

  static Command createSubvolume(String path) {
    return Command.of("btrfs", "-q", "subvolume", "create", "--", path);
  }

  static Command readOnlySnapshots(List<List<String>> fromTo) {
    return Command.batch(List.of("btrfs", "-q", "subvolume", "snapshot", "-r", "--"), fromTo);
  }

  static Command writableSnapshots(List<List<String>> fromTo) {
    return Command.batch(List.of("btrfs", "-q", "subvolume", "snapshot", "--"), fromTo);
  }

  /** Gives the second of each pair the times of the first. */
  static Command copyTimes(List<List<String>> fromTo) {
    return Command.batch(List.of("touch", "-r"), fromTo);
  }

  static Command delete(List<String> paths) {
    return Command.of(words(List.of("btrfs", "-q", "subvolume", "delete", "--"), paths));
  }

  static Command deleteAndCommit(List<String> paths) {
    return Command.of(
        words(List.of("btrfs", "-q", "subvolume", "delete", "--commit-after", "--"), paths));
  }

  /** Deleted subvolumes give their room back some time later: large ones after minutes. */
  static Command waitUntilGone(String path, List<Long> ids) {
    List<String> numbers = ids.stream().map(String::valueOf).toList();
    return Command.of(words(List.of("btrfs", "subvolume", "sync", path), numbers))
        .withTimeout(Duration.ofHours(2));
  }

  static Command setReadOnly(List<String> paths, boolean readOnly) {
    return Command.batch(
        List.of("btrfs", "property", "set", "-t", "subvol"),
        paths.stream().map(path -> List.of(path, "ro", Boolean.toString(readOnly))).toList());
  }

  static Command setProperty(String path, String property, String value) {
    return Command.of("btrfs", "property", "set", path, property, value);
  }

  static Command getProperty(String path, String property) {
    return Command.of("btrfs", "property", "get", path, property);
  }

  static Command rename(String from, String to) {
    return Command.of("mv", "-T", "--", from, to);
  }

  static Command removePlaces(List<String> paths) {
    Command one = Command.script("remove the place of a nested subvolume", REMOVE_PLACE_SCRIPT);
    return Command.batch(one.argv(), paths.stream().map(List::of).toList());
  }

  static Command removeDirectory(String path) {
    return Command.of("rmdir", "--ignore-fail-on-non-empty", "--", path);
  }

  static Command write(String path) {
    return Command.of("dd", "of=" + path, "conv=fsync", "status=none");
  }

  static Command receive(String set, String receiving) {
    return Command.script("receive snapshots", RECEIVE_SCRIPT, set, receiving);
  }

  /** Fails as long as something is being received into one of the sets. */
  static Command requireNoReceiver(List<String> sets) {
    Command one = Command.script("look for a receiver", HOLD + "hold \"$1\"\n");
    return Command.batch(one.argv(), sets.stream().map(List::of).toList());
  }

  static Command kept(String spool) {
    return Command.script("digests of a spool", KEPT_SCRIPT, spool);
  }

  static Command spool(String spool, long kept) {
    return Command.script("write a spool", SPOOL_SCRIPT, spool, Long.toString(kept));
  }

  /** Takes as long as the filesystem needs for all that was sent. */
  static Command receiveSpool(String set, String spool, String length, String receiving) {
    return Command.script("receive a spool", RECEIVE_SPOOL_SCRIPT, set, spool, length, receiving)
        .withTimeout(Duration.ofDays(2));
  }

  /** All of one filesystem. */
  static Command removeSpools(String leafDirectory) {
    return Command.script(
        "remove all spools", "rm -f -- \"$1\"/" + BtrfsLayout.SPOOL + "*", leafDirectory);
  }

  /**
   * @param parent the base of the only snapshot; or
   * @param cloneSources the bases among which the tool finds each snapshot's own, by its
   *     parent_uuid
   */
  static Command send(
      List<String> flags, List<String> parent, List<String> cloneSources, List<String> snapshots) {
    List<String> words = new ArrayList<>(List.of("btrfs", "-q", "send"));
    words.addAll(flags);
    parent.forEach(base -> words.addAll(List.of("-p", base)));
    cloneSources.forEach(base -> words.addAll(List.of("-c", base)));
    words.add("--");
    words.addAll(snapshots);
    return Command.of(words);
  }

  private static List<String> words(List<String> first, Collection<String> rest) {
    List<String> words = new ArrayList<>(first);
    words.addAll(rest);
    return words;
  }
}

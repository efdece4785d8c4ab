package io.replication4j.lvm;

import io.replication4j.VersionId;
import io.replication4j.command.Command;
import java.util.ArrayList;
import java.util.List;

/**
 * Every command that this backend runs: LVM2, dmsetup(8), coreutils, blkdiscard(8), sh(1). Names of
 * volumes start with a volume group's, so none is an option. The scripts are constant.
 */
final class LvmCommands {

  /**
   * Gives the snapshot an identity of its own that says when it was taken, by this host's clock.
   *
   * <p>1 group, 2 origin, 3 snapshot, 4 chunk size, 5 and 6 the size of its store, as lvcreate(8)
   * takes it
   */
  static final String SNAPSHOT_SCRIPT =
      "id=$(date +%s%N)-$(cat /proc/sys/kernel/random/uuid) && exec lvcreate -y -q -s -p r -c"
          + " \"$4\" \"$5\" \"$6\" -n \"$3\" --addtag \"r4j.id=$id\" \"$1/$2\"";

  /**
   * Answers requests on standard input, one after the other. {@code status DEVICE} prints
   * device-mapper's status of it. {@code enlarge BYTES VOLUME} gives a snapshot so much room, and
   * prints {@code enlarged STATUS}. {@code occupied OFFSET END MOST DEVICE} prints a line {@code
   * OFFSET LENGTH} for each piece of the device that holds something else than zeroes, in whole
   * mebibytes and up to 16 of them, and {@code end OFFSET} where all before OFFSET was told: at
   * END, or when the pieces come to MOST bytes. cmp(1) goes through zeroes at the speed of the
   * device and ends at the first other byte, so that data is not read twice; where there is no cmp,
   * everything is data. {@code read BYTES LENGTH}, followed by BYTES of a device-mapper table:
   * lines the pieces that the table names up in a device, and prints {@code data LENGTH} and LENGTH
   * bytes of it from the second mebibyte on, uncached (the kernel writes a snapshot's store past
   * the cache). The device is removed by the kernel when nobody has it open, however this script
   * ends. {@code delta} is answered by {@link ThinCommands#METADATA_FUNCTIONS}.
   *
   * <p>1 what the devices are called, up to a number
   */
  static final String SEND_SCRIPT =
      """
      n=0
      trap 'exec 3<&-; dmsetup remove --retry "$1-$n" 2>/dev/null; exit 143' HUP INT TERM
      for left in $(dmsetup ls | cut -f1); do
        case $left in "$1"-[0-9]*) dmsetup remove --retry "$left" || exit;; esac
      done
      while read -r request a b c device; do
        case $request in
        status) dmsetup status "$a" || exit;;
        enlarge)
          lvextend -q -L "${a}b" "$b" </dev/null >/dev/null 2>&1
          echo "enlarged $?";;
        occupied)
          step=4194304
          while [ "$a" -lt "$b" ] && [ "$c" -gt 0 ]; do
            first=$(dd if="$device" bs=262144 skip="$a" count=$((b - a)) iflag=direct,fullblock,skip_bytes,count_bytes status=none 2>/dev/null | cmp -n $((b - a)) - /dev/zero 2>/dev/null)
            case $? in
            0) a=$b; break;;
            1) first=${first%,*} first=${first##* };;
            *) first=1;;
            esac
            zeroes=$(((${first:-1} - 1) / 1048576 * 1048576))
            [ "$zeroes" = 0 ] || step=4194304
            a=$((a + zeroes)) length=$step
            [ "$length" -le "$c" ] || length=$c
            [ "$length" -le $((b - a)) ] || length=$((b - a))
            echo "$a $length"
            a=$((a + length)) c=$((c - length))
            [ "$step" -ge 16777216 ] || step=$((step * 2))
          done
          echo "end $a";;
        delta) answer "$a" "$b" || exit;;
        read)
          n=$((n + 1))
          dd bs=65536 count="$a" iflag=fullblock,count_bytes status=none | dmsetup create --readonly "$1-$n" || exit
          exec 3<"/dev/mapper/$1-$n"
          dmsetup remove --deferred "$1-$n" || exit
          echo "data $b"
          dd bs=1048576 skip=1 count="$b" iflag=direct,fullblock,count_bytes status=none <&3 || exit
          exec 3<&-;;
        *) exit 64;;
        esac
      done
      """;

  /**
   * Before the scripts that receive. {@code kept ID TARGET VOLUME}: the volume is there, a volume
   * of its own with all or part of that version for that target, and does not count as whole any
   * more.
   */
  static final String KEPT_FUNCTION =
      """
      kept() {
        tags=$(lvs --noheadings -o lv_tags -S "lv_tags=\\"r4j.id=$1\\" && lv_tags=\\"r4j.in=$2\\" && origin=\\"\\"" "$3") || exit
        [ "$tags" ] || { echo 'replication4j: what was kept is not there any more' >&2; exit 66; }
        for tag in $(echo "$tags" | tr , ' '); do
          case $tag in r4j.digest=*) lvchange -q --deltag "$tag" "$3" >&2 || exit;; esac
        done
      }
      """;

  /**
   * Makes a volume as the first line of standard input says, and fills it with what follows; fails
   * unless the line {@code end DIGEST} ends it, and leaves the digest as a tag. {@code store SIZE
   * LENGTH ID BASE CHUNK VOLUME EXCEPTIONS}: LENGTH bytes to its beginning, so many exceptions for
   * a volume of VOLUME bytes. {@code image SIZE 0 ID}: {@code data OFFSET LENGTH} followed by
   * LENGTH bytes, {@code zero OFFSET LENGTH}; these follow on a store that is kept, too. {@code
   * kept 0 0 ID}: the volume is there, with all or part of that version. It is held open, before it
   * is looked at: as long as one that outlived its sync still waits for more, LVM does not make a
   * snapshot of the store, into which that would write then.
   *
   * <p>1 group, 2 what it is for, 3 what it is called
   */
  static final String RECEIVE_SCRIPT =
      """
      read -r kind size length id base chunk bytes exceptions || { echo 'replication4j: the stream ended early' >&2; exit 65; }
      volume=$1/$3 device=/dev/$1/$3
      if [ "$kind" = kept ]; then
        [ ! -b "$device" ] || exec 4<"$device"
        kept "$id" "$2" "$volume"
      else
        set -- -y -q -W n -Z n -L "${size}b" -n "$3" --addtag "r4j.in=$2" --addtag "r4j.id=$id" ${base:+--addtag "r4j.base=$base" --addtag "r4j.chunk=$chunk" --addtag "r4j.bytes=$bytes" --addtag "r4j.exceptions=$exceptions"} "$1"
        lvcreate "$@" >&2 || exit
        if [ "$kind" = image ]; then
          made=$(blockdev --getsize64 "$device") || exit
          [ "$made" = "$size" ] || { echo 'replication4j: the extent size does not divide the volume' >&2; exit 66; }
        else
          dd of="$device" bs=1048576 count="$length" iflag=fullblock,count_bytes conv=nocreat,notrunc,fsync status=none || exit
        fi
      fi
      exec 4<"$device" || exit
      while read -r word offset length; do
        case $word in
        data) dd of="$device" bs=1048576 count="$length" seek="$offset" iflag=fullblock,count_bytes oflag=seek_bytes conv=nocreat,notrunc status=none || exit;;
        zero) blkdiscard -z -o "$offset" -l "$length" "$device" || exit;;
        end)
          dd if=/dev/null of="$device" conv=nocreat,notrunc,fsync status=none || exit
          exec lvchange -q --addtag "r4j.digest=$offset" "$volume" >&2 4<&-;;
        *) exit 64;;
        esac
      done
      echo 'replication4j: the stream ended early' >&2
      exit 65
      """;

  /**
   * What stands in a volume that is kept: how many bytes are read, and digests of their windows.
   *
   * <p>1 its device, 2 how many bytes, 3 the volume
   */
  static final String KEPT_SCRIPT =
      """
      [ -b "$1" ] || lvchange -q -ay "$3" >&2 || exit
      echo "$2"
      dd if="$1" bs=1048576 count="$2" iflag=fullblock,count_bytes,nocache status=none | split -b 1048576 --filter=sha256sum -
      """;

  /** Begins a merge that waits, or watches one that runs, until it is done. 1 the origin */
  static final String RESUME_MERGE_SCRIPT =
      """
      lvchange -q --refresh "$1" || exit
      while :; do
        merging=$(lvs --noheadings -o lv_merging "$1") || exit
        case $merging in *merging*) sleep 1;; *) exit 0;; esac
      done
      """;

  /**
   * Runs a command for each device that a killed {@link #SEND_SCRIPT} may have left on a volume:
   * one of ours that lies on it, or, if it is a snapshot, on its store.
   *
   * <p>1 the volume's device-mapper name, 2 and so on the command, which gets the device's name
   */
  static final String LEFT_ON_SCRIPT =
      """
      volume=$1
      shift
      for left in $(dmsetup ls | cut -f1); do
        case $left in r4j:*) ;; *) continue;; esac
        case $(dmsetup deps -o devname "$left" 2>/dev/null) in
        *"($volume)"*|*"($volume-cow)"*) "$@" "$left" || exit;;
        esac
      done
      """;

  /**
   * Removes a snapshot, and before that what was left on it: while its store is mapped, LVM makes
   * it a volume of its own, and gives up. Fails if it is something else: lvremove(8) prints a line
   * for what it removes, and nothing if nothing fits.
   *
   * <p>1 its device-mapper name, 2 its path, 3 what it has to be (lvmreport(7), "SELECTION") or
   * nothing, 4 a device that is in the way, if it is there, or nothing
   */
  static final String REMOVE_SCRIPT =
      """
      path=$2 selection=$3 stale=$4
      set -- "$1" dmsetup remove --retry
      """
          + LEFT_ON_SCRIPT
          + """
      if [ "$stale" ] && dmsetup info "$stale" >/dev/null 2>&1; then
        dmsetup remove --retry "$stale" || exit
      fi
      [ "$selection" ] || exec lvremove -y -q "$path"
      removed=$(lvremove -y -q -S "$selection" "$path") || exit
      [ "$removed" ] || { echo "replication4j: $path is not what was to be removed" >&2; exit 69; }
      """;

  /**
   * Makes a volume larger that has snapshots, and is active again however that ends. 1 the volume,
   * 2 its bytes from then on
   */
  static final String GROW_SCRIPT =
      """
      set -- "$1" "$2" $(lvs --noheadings --nosuffix --units b -o lv_size,vg_extent_size "$1") || exit
      if [ "$3" -lt "$2" ]; then
        [ $(($2 % $4)) = 0 ] || { echo 'replication4j: the extent size does not divide the volume' >&2; exit 66; }
        lvchange -q -an "$1" || exit
        lvextend -q -L "${2}b" "$1"
        grown=$?
      fi
      lvchange -q -ay "$1" || exit
      exit ${grown:-0}
      """;

  /**
   * Runs a command that makes a snapshot of a volume, if the volume is still what it was: carried
   * out late, it would call other content that version.
   *
   * <p>1 the volume, 2 what it has to be (lvmreport(7), "SELECTION"), 3 and so on the command
   */
  static final String MARK_SCRIPT =
      """
      found=$(lvs --noheadings -o lv_name -S "$2" "$1") || exit
      [ "$found" ] || { echo "replication4j: $1 is not what was to be marked" >&2; exit 69; }
      shift 2
      exec "$@"
      """;

  /** Makes a volume larger, unless it is so large already. 1 the volume, 2 its bytes */
  static final String ENLARGE_SCRIPT =
      """
      size=$(lvs --noheadings --nosuffix --units b -o lv_size "$1") || exit
      [ $size -ge "$2" ] || exec lvextend -q -L "${2}b" "$1"
      """;

  private static final List<String> FIELDS =
      List.of(
          "lv_name",
          "lv_uuid",
          "lv_size",
          "origin",
          "origin_size",
          "pool_lv",
          "lv_tags",
          "snap_percent",
          "lv_snapshot_invalid",
          "lv_merging",
          "lv_active",
          "lv_device_open",
          "lv_layout");

  private LvmCommands() {}

  /** All groups and volumes of the host, in bytes, hidden ones included. */
  static Command list() {
    return Command.of(
        "lvm",
        "fullreport",
        "--all",
        "--reportformat",
        "json",
        "--units",
        "b",
        "--nosuffix",
        "--configreport",
        "vg",
        "-o",
        "vg_name,vg_free",
        "--configreport",
        "lv",
        "-o",
        String.join(",", FIELDS),
        "--configreport",
        "pv",
        "-o",
        ",",
        "--configreport",
        "pvseg",
        "-o",
        ",",
        "--configreport",
        "seg",
        "-o",
        ",");
  }

  /** Device-mapper's status of a volume, a line. */
  static Command status(Volume volume) {
    return Command.of("dmsetup", "status", volume.mapped());
  }

  static Command version() {
    return Command.of("lvm", "version");
  }

  /** What filesystems still hold back gets to their volumes. */
  static Command flush() {
    return Command.of("sync");
  }

  /** A snapshot with a new identity. */
  static Command takeSnapshot(Volume origin, Volume snapshot, List<String> size, int chunkBytes) {
    List<String> words = new ArrayList<>();
    words.addAll(List.of(origin.group(), origin.name(), snapshot.name(), chunkBytes + "b"));
    words.addAll(size);
    return Command.script("take a snapshot", SNAPSHOT_SCRIPT, words.toArray(String[]::new));
  }

  /** A snapshot that stands for a version that the origin holds as long as it has these tags. */
  static Command markVersion(
      Volume origin, List<String> tags, Volume snapshot, String id, int percent, int chunkBytes) {
    return mark(
        origin,
        tags,
        "lvcreate",
        "-y",
        "-q",
        "-s",
        "-p",
        "r",
        "-c",
        chunkBytes + "b",
        "-l",
        percent + "%ORIGIN",
        "-n",
        snapshot.name(),
        "--addtag",
        Tags.of("id", id),
        origin.path());
  }

  /** What makes a snapshot of a volume, only if that has these tags. */
  static Command mark(Volume volume, List<String> tags, String... lvcreate) {
    String selection = String.join(" && ", tags.stream().map(LvmCommands::isTagged).toList());
    List<String> words = new ArrayList<>(List.of(volume.path(), selection));
    words.addAll(List.of(lvcreate));
    return Command.script(
        "mark the version that a volume holds", MARK_SCRIPT, words.toArray(String[]::new));
  }

  /** A snapshot that never overflows, whatever is written to its origin. */
  static Command keepAside(Volume origin, Volume snapshot) {
    return Command.of(
        "lvcreate", "-y", "-q", "-s", "-l", "100%ORIGIN", "-n", snapshot.name(), origin.path());
  }

  static Command rename(Volume from, Volume to) {
    return Command.of("lvrename", "-q", from.group(), from.name(), to.name());
  }

  static Command remove(List<Volume> volumes) {
    List<String> words = new ArrayList<>(List.of("lvremove", "-y", "-q"));
    words.addAll(Volume.paths(volumes));
    return Command.of(words);
  }

  /** Removes a snapshot only if it is one of these versions; without any, whatever it is. */
  static Command removeSnapshot(Volume snapshot, List<VersionId> expected) {
    String selection = String.join(" || ", expected.stream().map(LvmCommands::isVersion).toList());
    return removeSnapshot(snapshot, selection, "");
  }

  /** Removes what was to become a snapshot, or was one, and is a volume of its own. */
  static Command removeStray(Volume stray, VersionId id) {
    return removeSnapshot(stray, isVersion(id) + " && origin=\"\"", stray.mapped() + "-cow");
  }

  private static String isVersion(VersionId id) {
    return isTagged(Tags.id(id));
  }

  private static String isTagged(String tag) {
    return "lv_tags=\"" + tag + "\"";
  }

  /** Removes a volume only if that selects it. */
  static Command removeSelected(Volume volume, String selection) {
    return removeSnapshot(volume, selection, "");
  }

  private static Command removeSnapshot(Volume snapshot, String selection, String stale) {
    return Command.script(
        "remove a snapshot", REMOVE_SCRIPT, snapshot.mapped(), snapshot.path(), selection, stale);
  }

  /** Both in one commit. A tag that is there already, or not there, is no error. */
  static Command changeTags(Volume volume, List<String> added, List<String> removed) {
    List<String> words = new ArrayList<>(List.of("lvchange", "-q"));
    added.forEach(tag -> words.addAll(List.of("--addtag", tag)));
    removed.forEach(tag -> words.addAll(List.of("--deltag", tag)));
    words.add(volume.path());
    return Command.of(words);
  }

  /** To so many bytes; a snapshot never to more than it can use. */
  static Command enlarge(Volume volume, String bytes) {
    return Command.of("lvextend", "-q", "-L", bytes + "b", volume.path());
  }

  /** The same, where another sync may have done it since the look. */
  static Command enlargeOnce(Volume volume, long bytes) {
    return Command.script(
        "make a snapshot larger", ENLARGE_SCRIPT, volume.path(), Long.toString(bytes));
  }

  /** What was received as a store becomes a snapshot of the volume. */
  static Command adopt(Volume store, Volume origin, String chunkBytes) {
    return Command.of(
        "lvconvert",
        "-y",
        "-q",
        "--type",
        "snapshot",
        "-Z",
        "n",
        "-c",
        chunkBytes + "b",
        origin.path(),
        store.path());
  }

  /** The origin becomes what the snapshot is, for every reader at once; returns when it is done. */
  static Command merge(Volume snapshot) {
    return Command.of("lvconvert", "-y", "-q", "-i", "1", "--merge", snapshot.path());
  }

  /** The devices of ours that lie on the volume, a line each. */
  static Command leftOn(Volume volume) {
    return Command.script("list what a killed send left", LEFT_ON_SCRIPT, volume.mapped(), "echo");
  }

  /** They go; one that is being read does not, and that is a failure. */
  static Command sweep(Volume volume) {
    return Command.script(
        "remove what a killed send left",
        LEFT_ON_SCRIPT,
        volume.mapped(),
        "dmsetup",
        "remove",
        "--retry");
  }

  static Command grow(Volume volume, long bytes) {
    return Command.script("make a volume larger", GROW_SCRIPT, volume.path(), Long.toString(bytes));
  }

  static Command field(Volume volume, String field) {
    return Command.of("lvs", "--noheadings", "-o", field, volume.path());
  }

  static Command resumeMerge(Volume origin) {
    return Command.script("end a merge", RESUME_MERGE_SCRIPT, origin.path());
  }

  /**
   * A colon is in no name of LVM's: no volume can have the name of a device of ours.
   *
   * @param volume what the devices are called after
   * @param devices what will be read, for those who read the command
   */
  static Command send(Volume volume, List<String> devices) {
    return send(SEND_SCRIPT, volume, devices);
  }

  static Command send(String script, Volume volume, List<String> devices) {
    String name = "r4j:" + volume.mapped();
    List<String> words = new ArrayList<>(List.of(name));
    words.addAll(devices);
    return Command.script("send a volume", script, words.toArray(String[]::new));
  }

  static Command kept(Volume volume, long bytes) {
    return Command.script(
        "digests of what was kept",
        KEPT_SCRIPT,
        volume.device(),
        Long.toString(bytes),
        volume.path());
  }

  static Command receive(Volume target, Volume incoming) {
    return Command.script(
        "receive a volume",
        KEPT_FUNCTION + RECEIVE_SCRIPT,
        target.group(),
        target.name(),
        incoming.name());
  }
}

package io.replication4j.lvm;

import io.replication4j.command.Command;
import java.util.ArrayList;
import java.util.List;

/**
 * What is run for thin volumes only: LVM2, dmsetup(8), thin_delta(8) and thin_dump(8) of
 * thin-provisioning-tools, flock(1). The scripts are constant.
 */
final class ThinCommands {

  /**
   * Functions that read a pool's metadata while it is in use, from a metadata snapshot, of which a
   * pool has at most one. Ours is told from others' by a file that exists from before it is made
   * until after it is given back, and holds where it lies; whoever uses it holds a lock on the
   * metadata's device. So one that a killed script left is given back by the next one.
   *
   * <p>{@code hold VOLUME}: the pool of that volume, and not another, is held from then on. {@code
   * give}: it is not. {@code delta BASE VOLUME}: their differences; what VOLUME has, if BASE is
   * {@code -}. {@code answer BASE VOLUME}: the same for {@link LvmCommands#SEND_SCRIPT}, ended by
   * the line {@code end STATUS}.
   */
  static final String METADATA_FUNCTIONS =
      """
      held= number=
      trap 'give' EXIT
      trap 'exit 143' HUP INT TERM
      line() { text=$(dmsetup "$@") || exit; }
      root() { line status "$pool"; set -- $text; root=$7; [ -n "$root" ] || { echo "replication4j: thin pool $pool has failed" >&2; exit 67; }; }
      id() { line table "$1"; set -- $text; id=$5; }
      give() {
        [ -z "$held" ] || { dmsetup message "$pool" 0 release_metadata_snap && rm -f "$held"; }
        held= number=
        exec 8<&-
      }
      hold() {
        line table "$1"
        set -- $text
        [ "$3" = thin ] || { echo "replication4j: not a thin volume: $text" >&2; exit 64; }
        [ "$4" != "$number" ] || return 0
        give
        number=$4
        line info -c --noheadings -o name -j "${4%:*}" -m "${4#*:}"
        pool=$text
        line table "$pool"
        set -- $text
        meta=/dev/block/$4
        mkdir -p /var/lib/replication4j || exit
        exec 8<"$meta" || exit
        flock -w 300 8 || { echo "replication4j: another sync reads the metadata of thin pool $pool" >&2; exit 75; }
        ours=/var/lib/replication4j/$pool.metadata-snap
        root
        if [ -e "$ours" ] && [ "$root" != - ]; then
          read -r at <"$ours" || at=
          [ "${at:-$root}" != "$root" ] || { dmsetup message "$pool" 0 release_metadata_snap || exit; root=-; }
        fi
        [ "$root" = - ] || { echo "replication4j: the metadata snapshot of thin pool $pool is somebody else's" >&2; exit 75; }
        : >"$ours" && sync "$ours" || exit
        dmsetup message "$pool" 0 reserve_metadata_snap || { status=$?; rm -f "$ours"; exit $status; }
        held=$ours
        root
        echo "$root" >"$ours"
      }
      delta() {
        id "$2"
        to=$id
        if [ "$1" = - ]; then
          thin_dump -m --dev-id "$to" "$meta"
        else
          id "$1"
          thin_delta -m --snap1 "$id" --snap2 "$to" "$meta"
        fi
      }
      answer() {
        hold "$2"
        delta "$1" "$2"
        status=$?
        give
        echo "end $status"
        return "$status"
      }
      """;

  /**
   * Prints {@code same} or {@code changed} for each two thin volumes: whether they share all their
   * blocks. 1, 2, 3, 4, … their device-mapper names
   */
  static final String COMPARE_SCRIPT =
      METADATA_FUNCTIONS
          + """
          while [ $# -gt 1 ]; do
            hold "$1"
            found=$(delta "$1" "$2" | grep -E -m 1 '<(different|left_only|right_only)|</superblock>')
            case $found in
            *'<different'*|*'<left_only'*|*'<right_only'*) echo changed;;
            *'</superblock>'*) echo same;;
            *) exit 1;;
            esac
            shift 2
          done
          """;

  /**
   * Gives the snapshot an identity of its own that says when it was taken, by this host's clock.
   *
   * <p>1 group, 2 volume, 3 snapshot, 4 the volume's uuid
   */
  static final String SNAPSHOT_SCRIPT =
      "id=$(date +%s%N)-$(cat /proc/sys/kernel/random/uuid) && exec lvcreate -y -q -s -k n -p r -n"
          + " \"$3\" --addtag \"r4j.id=$id\" --addtag \"r4j.of=$2/$4\" \"$1/$2\"";

  /**
   * Makes a volume as the first line of standard input says, and writes into it what follows; fails
   * unless the line {@code end DIGEST} ends it, and leaves the digest as a tag. {@code patch SIZE
   * ID BASE}: a snapshot of the volume that it is for. {@code image SIZE ID}: an empty one. {@code
   * kept SIZE ID}: it is there, with all or part of that version. Then {@code data OFFSET LENGTH}
   * followed by LENGTH bytes, {@code zero OFFSET LENGTH}, {@code scatter BYTES LENGTH PIECES}
   * followed by BYTES of a device-mapper table and LENGTH bytes for the pieces that it lines up
   * from the second mebibyte on. Whole blocks of zeroes are given back to the pool. Stops before
   * the pool is full: then its other volumes would stop, too. Holds the volume open, as {@link
   * LvmCommands#RECEIVE_SCRIPT} does.
   *
   * <p>1 group, 2 what it is for, 3 what it is called, 4 the pool, 5 the volume's device-mapper
   * name
   */
  static final String RECEIVE_SCRIPT =
      """
      n=0
      mapped=$5 lines=r4j:$5
      trap 'exec 3>&-; dmsetup remove --retry "$lines-$n" 2>/dev/null; exit 143' HUP INT TERM
      read -r kind size id base || { echo 'replication4j: the stream ended early' >&2; exit 65; }
      volume=$1/$3 device=/dev/$1/$3
      if [ "$kind" = patch ]; then
        lvcreate -y -q -s -k n -n "$3" --addtag "r4j.in=$2" --addtag "r4j.id=$id" --addtag "r4j.base=$base" "$1/$2" >&2 || exit
        made=$(blockdev --getsize64 "$device") || exit
        [ "$made" -ge "$size" ] || lvextend -q -L "${size}b" "$volume" >&2 || exit
      elif [ "$kind" = kept ]; then
        [ ! -b "$device" ] || exec 4<"$device"
        kept "$id" "$2" "$volume"
      else
        lvcreate -y -q -V "${size}b" --thinpool "$4" -n "$3" --addtag "r4j.in=$2" --addtag "r4j.id=$id" "$1" >&2 || exit
      fi
      exec 4<"$device" || exit
      made=$(blockdev --getsize64 "$device") || exit
      [ "$made" = "$size" ] || { echo 'replication4j: the extent size does not divide the volume' >&2; exit 66; }
      table=$(dmsetup table "$mapped") || exit
      set -- $table
      pool=$(dmsetup info -c --noheadings -o name -j "${4%:*}" -m "${4#*:}") || exit
      table=$(dmsetup table "$pool") || exit
      set -- $table
      block=$(($6 * 512))
      case $table in *skip_block_zeroing*) echo "replication4j: thin pool $pool does not zero new blocks" >&2; exit 68;; esac
      room() {
        status=$(dmsetup status "$pool") || exit
        set -- "$1" $status
        case $6,$7 in */*,*/*) ;; *) echo "replication4j: thin pool $pool has failed" >&2; exit 67;; esac
        if [ $((${7#*/} - ${7%/*})) -lt "$1" ] || [ $((${6%/*} * 100)) -gt $((${6#*/} * 95)) ]; then
          echo "replication4j: thin pool $pool has too little room ($6 metadata blocks used, $7 data blocks, $1 more needed)" >&2
          exit 67
        fi
      }
      zero() { [ "$2" = 0 ] || blkdiscard -z -o "$1" -l "$2" "$device"; }
      room 0
      while read -r word offset length pieces; do
        case $word in
        data)
          room $((length / block + 2))
          dd of="$device" bs=1048576 count="$length" seek="$offset" iflag=fullblock,count_bytes oflag=seek_bytes conv=nocreat,notrunc status=none || exit;;
        scatter)
          room $((length / block + pieces))
          n=$((n + 1))
          dd bs=65536 count="$offset" iflag=fullblock,count_bytes status=none | dmsetup create "$lines-$n" || exit
          exec 3<>"/dev/mapper/$lines-$n"
          dmsetup remove --deferred "$lines-$n" || exit
          dd bs=1048576 seek=1 count="$length" iflag=fullblock,count_bytes oflag=direct conv=notrunc,fsync status=none >&3 || exit
          exec 3>&-;;
        zero)
          from=$(((offset + block - 1) / block * block)) to=$(((offset + length) / block * block))
          if [ "$to" -gt "$from" ] && blkdiscard -o "$from" -l $((to - from)) "$device" 2>/dev/null; then
            zero "$offset" $((from - offset)) && zero "$to" $((offset + length - to)) || exit
          else
            zero "$offset" "$length" || exit
          fi;;
        end)
          dd if=/dev/null of="$device" conv=nocreat,notrunc,fsync status=none || exit
          exec lvchange -q --addtag "r4j.digest=$offset" "$volume" >&2 4<&-;;
        *) exit 64;;
        esac
      done
      echo 'replication4j: the stream ended early' >&2
      exit 65
      """;

  private ThinCommands() {}

  /** A version with a new identity. */
  static Command takeSnapshot(Volume origin, Volume snapshot, String uuid) {
    return Command.script(
        "take a thin snapshot",
        SNAPSHOT_SCRIPT,
        origin.group(),
        origin.name(),
        snapshot.name(),
        uuid);
  }

  /** A volume that shares all blocks with another, and is active. */
  static Command snapshot(Volume origin, Volume snapshot, boolean isWritable, List<String> tags) {
    List<String> words = new ArrayList<>(List.of("lvcreate", "-y", "-q", "-s", "-k", "n"));
    words.addAll(isWritable ? List.of() : List.of("-p", "r"));
    words.addAll(List.of("-n", snapshot.name()));
    tags.forEach(tag -> words.addAll(List.of("--addtag", tag)));
    words.add(origin.path());
    return Command.of(words);
  }

  /** It takes the place of the volume that it is a snapshot of, at once if nobody has that open. */
  static Command replace(Volume snapshot) {
    return Command.of("lvconvert", "-y", "-q", "--merge", snapshot.path());
  }

  /** Only this one, if it is still called so; not its snapshots. */
  static Command remove(LogicalVolume volume) {
    return LvmCommands.removeSelected(volume.volume(), "lv_uuid=\"" + volume.uuid() + "\"");
  }

  /** Two and two. */
  static Command compare(List<Volume> pairs) {
    String[] names = pairs.stream().map(Volume::mapped).toArray(String[]::new);
    return Command.script("compare thin volumes", COMPARE_SCRIPT, names);
  }

  static Command send(Volume volume, List<String> devices) {
    return LvmCommands.send(METADATA_FUNCTIONS + LvmCommands.SEND_SCRIPT, volume, devices);
  }

  static Command receive(Volume target, Volume incoming, String pool) {
    return Command.script(
        "receive a thin volume",
        LvmCommands.KEPT_FUNCTION + RECEIVE_SCRIPT,
        target.group(),
        target.name(),
        incoming.name(),
        pool,
        incoming.mapped());
  }
}

package io.replication4j.lvm;

/**
 * Who uses an image, as a host with Linux can tell: what is open, loop devices, what lies on a
 * device, mounts, swaps. As a user other than root one sees one's own processes only, and what the
 * kernel itself has open of a file (an iSCSI or NVMe target) nobody sees.
 */
final class ImageUse {

  /**
   * {@code same PATH}: it is the image, as a device also by another node: who has a /dev of his own
   * opens that; {@code busy}: prints who uses {@code $image}; {@code unused}: refuses if somebody
   * does, of a device also if nobody can tell who. What this script itself has open does not count.
   */
  static final String FUNCTIONS =
      """
      same() {
        [ "$1" -ef "$image" ] && return
        [ "$kind" = device ] && [ -b "$1" ] && [ "$(stat -L -c %t:%T "$1" 2>/dev/null)" = "$major:$minor" ]
      }
      busy() {
        for fd in /proc/[0-9]*/fd/*; do
          case $fd in /proc/$$/*) continue;; esac
          ! same "$fd" || { fd=${fd#/proc/}; echo "is open in process ${fd%%/*}"; return; }
        done
        for fd in /sys/block/loop*/loop/backing_file; do
          [ -r "$fd" ] && IFS= read -r path <"$fd" && same "$path" || continue
          fd=${fd#/sys/block/}
          echo "is the content of /dev/${fd%%/*}"
          return
        done
        [ "$kind" = device ] || return 0
        for part in "$sys" "$sys"/*; do
          [ "$part" = "$sys" ] || [ -e "$part/partition" ] || continue
          read -r numbers <"$part/dev" || exit
          node=$(realpath "$part") node=${node##*/}
          for holder in "$part"/holders/*; do
            [ ! -e "$holder" ] || { echo "is part of /dev/${holder##*/}"; return; }
          done
          while read -r _ _ mounted _ point _; do
            [ "$mounted" != "$numbers" ] || { echo "is mounted at $point"; return; }
          done </proc/self/mountinfo
          for member in /sys/fs/btrfs/*/devices/*; do
            [ ! "$member" -ef "$part" ] || { echo 'is part of a mounted btrfs'; return; }
          done
          while read -r swap _; do
            [ ! "$swap" -ef "/dev/$node" ] || { echo 'is swapped to'; return; }
          done </proc/swaps
        done
      }
      unused() {
        user=$(exec 9<&-; busy) || exit
        [ -z "$user" ] || refuse 75 "$name $user"
        [ "$kind" != device ] || ! command -v perl >/dev/null || perl -e '
          use Fcntl;
          use Errno;
          sysopen(my $in, $ARGV[0], O_RDONLY | O_EXCL) or !$!{EBUSY} or exit 1;' "$image" || refuse 75 "$name is in use"
      }
      """;

  private ImageUse() {}
}

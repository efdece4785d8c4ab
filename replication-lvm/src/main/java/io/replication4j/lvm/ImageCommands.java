package io.replication4j.lvm;

import io.replication4j.FilesystemName;
import io.replication4j.command.Command;
import java.util.ArrayList;
import java.util.List;

/**
 * What is run for images: sh(1), coreutils, what Linux tells in /proc and /sys; flock(1), perl(1),
 * fallocate(1) and blkdiscard(8) where they are. Names are absolute, so none is an option. The
 * scripts are constant.
 *
 * <p>Beside the image (for a device, in the directory of {@link ImageOptions}) lie: {@code .r4j}, a
 * line that says what the image holds, and a line {@code record PAIR TEXT} for each pair; {@code
 * .r4j-spool}, an increment that arrived or is arriving; and beside a file {@code .r4j-new}, a
 * whole image that is arriving. The first line is one of
 *
 * <pre>
 * holds ID LABEL BYTES MARK            it is that version, as long as it has this mark
 * applying ID LABEL BYTES TIME SELF SPOOL   it becomes it, by what is in the spool of that size
 * torn ID LABEL BYTES TIME SELF        it was becoming it, and nothing tells how far it came
 * filling ID LABEL BYTES TIME SELF     a device that is being filled; it holds nothing yet
 * </pre>
 *
 * where SELF is the inode of the file, or the mark of the device.
 */
final class ImageCommands {

  /**
   * What all scripts know. {@code at IMAGE FILES}: where things are and what they are; {@code put
   * LINE}: the first line of the state, atomically; {@code busy}: who uses the image; {@code lock
   * PATH}: nobody else is at work on it until the script and all that it started have ended; {@code
   * patch PATH [fresh]}: writes what {@link PieceWriter} made from standard input.
   *
   * <p>The mark of a file is its inode, size and time of change, which {@code settle} sets to the
   * version's own time: whoever writes later gives it another. A device has none that writing
   * changes; its mark says which device it is.
   */
  private static final String FUNCTIONS =
      """
      umask 077
      refuse() { echo "replication4j: $2" >&2; exit "$1"; }
      early() { refuse 65 'the stream ended early'; }
      there() {
        found=$(stat -c x "$1" 2>&1) && return 0
        case $found in *': No such file or directory') return 1;; esac
        echo "$found" >&2
        exit 1
      }
      mark() { stat -c '%i:%s:%.9Y' "$1"; }
      at() {
        name=$1 kind=none bytes=0 mark=- self=- sys=
        image=$(realpath "$1" 2>&1) || case $image in
          *': No such file or directory') image=$1 kind=nowhere;;
          *) echo "$image" >&2; exit 1;;
        esac
        files=$image
        if [ "$kind" = none ] && there "$image"; then
          if [ -f "$image" ]; then
            kind=file bytes=$(stat -c %s "$image") mark=$(mark "$image") || exit
            self=${mark%%:*}
          elif [ -b "$image" ]; then
            files=$2
            device
          else
            kind=other
          fi
        else
          case $image in /dev/shm/*) ;; /dev/*) kind=nowhere;; esac
        fi
        dir=${files%/*} state=$files.r4j spool=$files.r4j-spool new=$image.r4j-new
      }
      device() {
        kind=device major=$(stat -c %t "$image") minor=$(stat -c %T "$image") || exit
        sys=/sys/dev/block/$((0x$major)):$((0x$minor))
        read -r bytes <"$sys/size" || exit
        bytes=$((bytes * 512)) mark= part= disk=$sys
        [ ! -e "$sys/partition" ] || { read -r part <"$sys/partition" && disk=$(realpath "$sys/.."); } || exit
        for says in dm/uuid wwid device/wwid serial device/serial loop/backing_file; do
          [ -n "$mark" ] || [ ! -r "$disk/$says" ] || mark=$(tr -cd '!-~' <"$disk/$says")
        done
        mark=${mark:-unknown}${part:+/$part}
        self=$mark
      }
      others() {
        there "$state" || return 0
        while IFS= read -r line; do
          case $line in "record $1 "*) ;; 'record '*) printf '%s\\n' "$line";; esac
        done <"$state"
      }
      write() {
        [ "$kind" != device ] || mkdir -p "$dir" || exit
        dd of="$state-next" bs=65536 conv=fsync status=none && mv -f "$state-next" "$state" && sync "$dir" || exit
      }
      put() {
        kept=$(others '') || exit
        { printf '%s\\n' "$1"; [ -z "$kept" ] || printf '%s\\n' "$kept"; } | write || exit
      }
      first() {
        word= held= label= length= rest=
        ! there "$state" || read -r word held label length rest <"$state" || exit
      }
      lock() {
        command -v flock >/dev/null || return 0
        exec 9<"$1" && flock -w 10 9 || refuse 75 "another sync is at work on $name"
      }
      busy() {
        for fd in /proc/[0-9]*/fd/*; do
          [ ! "$fd" -ef "$image" ] || { fd=${fd#/proc/}; echo "is open in process ${fd%%/*}"; return; }
        done
        for fd in /sys/block/loop*/loop/backing_file; do
          [ -r "$fd" ] && IFS= read -r path <"$fd" && [ "$path" -ef "$image" ] || continue
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
        user=$(busy) || exit
        [ -z "$user" ] || refuse 75 "$name $user"
      }
      flush() { dd if=/dev/null of="$1" conv=nocreat,notrunc,fsync status=none || exit; }
      patch() {
        clear='if [ -b "$1" ]; then blkdiscard -f -z -o "$2" -l "$3" "$1"; else fallocate -n -p -o "$2" -l "$3" "$1"; fi 2>/dev/null || exec dd if=/dev/zero of="$1" bs=1048576 count="$3" seek="$2" iflag=count_bytes oflag=seek_bytes conv=nocreat,notrunc status=none'
        if command -v perl >/dev/null; then
          perl -e '
            use strict;
            use Fcntl;
            my ($to, $clear, $fresh) = @ARGV;
            binmode STDIN;
            sysopen(my $out, $to, O_WRONLY | (-b $to ? O_EXCL : 0)) or die "$to: $!\\n";
            while (defined(my $line = <STDIN>)) {
              my ($word, $at, $length) = split " ", $line;
              if ($word eq "end") {
                close($out) or die "$to: $!\\n";
                exit 0;
              } elsif ($word eq "zero") {
                $fresh or system("sh", "-c", $clear, "sh", $to, $at, $length) == 0 or exit 1;
              } elsif ($word eq "data") {
                sysseek($out, $at, 0) or die "$to: $!\\n";
                while ($length > 0) {
                  my $got = read(STDIN, my $bytes, $length < 1048576 ? $length : 1048576);
                  defined($got) or die "standard input: $!\\n";
                  $got or last;
                  $length -= $got;
                  for (my $done = 0; $done < $got; ) {
                    my $n = syswrite($out, $bytes, $got - $done, $done);
                    defined($n) or die "$to: $!\\n";
                    $done += $n;
                  }
                }
              } else {
                exit 64;
              }
            }
            print STDERR "replication4j: the stream ended early\\n";
            exit 65;' "$1" "$clear" "$2"
          return
        fi
        while read -r what from count; do
          case $what in
          data) dd of="$1" bs=1048576 count="$count" seek="$from" iflag=fullblock,count_bytes oflag=seek_bytes conv=nocreat,notrunc status=none || return;;
          zero) [ -n "$2" ] || sh -c "$clear" sh "$1" "$from" "$count" || return;;
          end) return 0;;
          *) return 64;;
          esac
        done
        early
      }
      settle() {
        [ "$kind" = device ] || touch -m -d "@$4" "$image" || exit
        flush "$image"
        [ "$kind" = device ] || mark=$(mark "$image") || exit
        put "holds $1 $2 $3 $mark"
      }
      """;

  /**
   * Prints for each image {@code image KIND BYTES MARK} and, where there is such, {@code state
   * LINE} for each line of its state, {@code spool BYTES}, {@code new MARK}, {@code busy WHO},
   * {@code locked}; then {@code end}. A device of which nothing is known, and whose first and last
   * mebibyte hold nothing but zeroes, is of the kind {@code blank}.
   *
   * <p>1 whether to look for who uses it: yes or no, then image and files of each
   */
  static final String LOOK_SCRIPT =
      FUNCTIONS
          + """
          zeroes=' 0000000000000000 0000000000000000
          *'
          blank() {
            for from in 0 $((bytes < 1048576 ? 0 : bytes - 1048576)); do
              [ "$(dd if="$image" bs=1048576 count=1 skip="$from" iflag=fullblock,skip_bytes status=none | od -An -tx8)" = "$zeroes" ] || return 1
            done
          }
          look() {
            at "$1" "$2"
            known=no
            if [ "$kind" != nowhere ] && there "$state"; then known=yes; fi
            [ "$kind" != device ] || [ $known = yes ] || ! blank || kind=blank
            echo "image $kind $bytes $mark"
            [ "$kind" != nowhere ] || { echo end; return; }
            if [ $known = yes ]; then
              while IFS= read -r line; do printf 'state %s\\n' "$line"; done <"$state" || exit
            fi
            if there "$spool"; then found=$(stat -c %s "$spool") || exit; echo "spool $found"; fi
            case $kind in
            none|file)
              if there "$new"; then found=$(mark "$new") || exit; echo "new $found"; fi;;
            esac
            if [ "$scan" = yes ] && [ "$mark" != - ]; then
              user=$(busy) || exit
              [ -z "$user" ] || echo "busy $user"
            fi
            [ ! -e "$dir" ] || [ -w "$dir" ] || echo locked
            echo end
          }
          scan=$1
          shift
          while [ $# -gt 0 ]; do
            look "$1" "$2"
            shift 2
          done
          """;

  /**
   * Takes in a stream, as its first line says; fails unless the line {@code end DIGEST} ends it.
   * {@code image BYTES ID TIME}, followed by what {@link ImageWriter} makes: into a new file, or in
   * place of what a device holds. {@code patch BYTES ID TIME ROOM}: into the spool, by {@link
   * Frames}, after there is room for so much there and in the image; or with {@code through} at
   * once into the image, as {@link PieceWriter} makes it.
   *
   * <p>1 image, 2 its files, 3 the label that it will have, 4 {@code spool} or {@code through}, 5
   * the beginning of the state that this is for: {@code WORD ID}
   */
  static final String RECEIVE_SCRIPT =
      FUNCTIONS
          + """
          at "$1" "$2"
          tag=$3 how=$4 expect=$5
          read -r what size id time room || early
          [ "$kind" != device ] || [ "$size" -le "$bytes" ] || refuse 67 "$name has only $bytes bytes, the source $size"
          fresh() {
            rm -f "$1" && set -C && : >"$1" && set +C || exit
          }
          case $what in
          image)
            if [ "$kind" = device ]; then
              unused
              lock "$image"
              put "filling $id $tag $size $time $self"
              patch "$image" || exit
              flush "$image"
              exit 0
            fi
            ! there "$image" || refuse 66 "$name exists"
            fresh "$new"
            lock "$new"
            truncate -s "$size" "$new" && patch "$new" fresh && touch -m -d "@$time" "$new" || exit
            flush "$new"
            exec sync "$dir";;
          patch)
            first
            [ "$word $held" = "$expect" ] || refuse 70 "$name was changed"
            if [ "$how" = through ]; then
              unused
              lock "$image"
              put "torn $id $tag $size $time $self"
              [ "$kind" = device ] || [ "$size" -le "$bytes" ] || truncate -s "$size" "$image" || exit
              patch "$image" || exit
              flush "$image"
              exit 0
            fi
            [ "$kind" != device ] || mkdir -p "$dir" || exit
            free=$(stat -f -c '%a*%S' "$dir") || exit
            free=$(($free)) needed=$room
            if [ "$kind" = file ]; then
              holes=$(stat -c "$size-%b*%B" "$image") || exit
              holes=$(($holes))
              [ "$holes" -le 0 ] || needed=$((room + (holes < room ? holes : room)))
            fi
            [ "$free" -ge "$needed" ] || refuse 67 "$dir has $free bytes free, and $needed are needed"
            fresh "$spool"
            exec 3>>"$spool"
            while read -r what count; do
              case $what in
              block) dd bs=1048576 count="$count" iflag=fullblock,count_bytes status=none >&3 || exit;;
              whole) there "$spool" && [ "$(stat -c %s "$spool")" = "$count" ] || early;;
              end) flush "$spool"; exec sync "$dir";;
              *) exit 64;;
              esac
            done
            early;;
          esac
          exit 64
          """;

  /**
   * Makes what was received the image's content. Before an increment is applied, the state says
   * that it is going to be: from then on that is finished, however often it is interrupted.
   *
   * <p>1 image, 2 its files, 3 the beginning of the state that this is for, or nothing: what was
   * begun is finished, 4 the version's id, 5 its label
   */
  static final String FINISH_SCRIPT =
      FUNCTIONS
          + """
          at "$1" "$2"
          expect=$3 id=$4 tag=$5
          place() {
            mv -n -T "$new" "$image" && ! there "$new" || refuse 66 "$name exists"
            sync "$dir"
          }
          apply() {
            [ "$5" = "$self" ] || refuse 71 "$name is not what it was"
            [ "$(stat -c %s "$spool")" = "$6" ] || refuse 71 "$spool is not what it was"
            [ "$kind" = device ] || [ "$3" -le "$bytes" ] || truncate -s "$3" "$image" || exit
            { read -r _ && patch "$image"; } <"$spool" || exit
            settle "$1" "$2" "$3" "$4"
            rm -f "$spool" && sync "$dir" || exit
          }
          first
          if [ -z "$expect" ]; then
            case $word in
            holds) lock "$new"; place;;
            applying) unused; lock "$image"; apply "$held" "$label" "$length" $rest;;
            esac
            exit
          fi
          case "$word $held" in
          "filling $id"|"torn $id")
            lock "$image"
            set -- $rest
            [ "$2" = "$self" ] || refuse 71 "$name is not what it was"
            settle "$held" "$tag" "$length" "$1"
            exit;;
          esac
          if [ "$kind" = none ]; then
            lock "$new"
            size=$(stat -c %s "$new") mark=$(mark "$new") || exit
            put "holds $id $tag $size $mark"
            place
            exit
          fi
          unused
          lock "$image"
          [ "$word $held" = "$expect" ] || refuse 70 "$name was changed"
          [ "$word" != holds ] || [ "$rest" = "$mark" ] || refuse 70 "$name was changed"
          read -r _ size arrived time <"$spool" || exit
          [ "$arrived" = "$id" ] || refuse 71 "$spool is not what it was"
          spooled=$(stat -c %s "$spool") || exit
          put "applying $id $tag $size $time $self $spooled"
          apply "$id" "$tag" "$size" "$time" "$self" "$spooled"
          """;

  /** The version gets another label. 1 image, 2 its files, 3 from, 4 to */
  static final String LABEL_SCRIPT =
      FUNCTIONS
          + """
          at "$1" "$2"
          [ "$mark" = - ] || lock "$image"
          first
          [ "$label" != "$4" ] || exit 0
          [ "$label" = "$3" ] || refuse 72 "$name holds no version of that label"
          put "$word $held $4 $length${rest:+ $rest}"
          """;

  /** The record of a pair replaces the one before. 1 image, 2 its files, 3 pair, 4 record */
  static final String RECORD_SCRIPT =
      FUNCTIONS
          + """
          at "$1" "$2"
          [ "$mark" != - ] || refuse 72 "there is no $name"
          lock "$image"
          first
          kept=$(others "$3") || exit
          {
            printf '%s\\n' "$word${held:+ $held}${label:+ $label}${length:+ $length}${rest:+ $rest}"
            [ -z "$kept" ] || printf '%s\\n' "$kept"
            printf 'record %s %s\\n' "$3" "$4"
          } | write
          """;

  /** What was received and is of no use is removed. 1 image, 2 its files */
  static final String ABORT_SCRIPT =
      FUNCTIONS
          + """
          at "$1" "$2"
          rm -f "$spool" "$state-next" && { [ "$kind" = device ] || rm -f "$new"; } || exit
          [ ! -e "$dir" ] || exec sync "$dir"
          """;

  /** A file gets another name, with its state. 1 image, 2 its files, 3 what is added to the name */
  static final String ASIDE_SCRIPT =
      FUNCTIONS
          + """
          at "$1" "$2"
          [ "$kind" = file ] || refuse 72 "there is no $name"
          unused
          ! there "$image.$3" || refuse 66 "$image.$3 exists"
          mv -n -T "$image" "$image.$3" && ! there "$image" || refuse 66 "$image.$3 exists"
          ! there "$state" || mv -f -T "$state" "$image.$3.r4j" || exit
          exec sync "$dir"
          """;

  private final ImageOptions options;

  ImageCommands(ImageOptions options) {
    this.options = options;
  }

  /** What filesystems still hold back is no matter: only files are looked at. */
  Command look(List<FilesystemName> images, boolean isForUse) {
    List<String> words =
        new ArrayList<>(List.of("sh", "-c", LOOK_SCRIPT, "sh", isForUse ? "yes" : "no"));
    images.forEach(image -> words.addAll(place(image)));
    return Command.of(words);
  }

  Command receive(FilesystemName image, String label, String expected) {
    String how = options.atomic() ? "spool" : "through";
    return script(RECEIVE_SCRIPT, image, Volume.encode(label), how, expected);
  }

  Command finish(FilesystemName image, String expected, String id, String label) {
    return script(FINISH_SCRIPT, image, expected, id, Volume.encode(label));
  }

  /** What a commit or a rename began. */
  Command finish(FilesystemName image) {
    return script(FINISH_SCRIPT, image, "", "", "");
  }

  Command label(FilesystemName image, String from, String to) {
    return script(LABEL_SCRIPT, image, Volume.encode(from), Volume.encode(to));
  }

  Command record(FilesystemName image, String pair, String text) {
    return script(RECORD_SCRIPT, image, pair, text);
  }

  Command abort(FilesystemName image) {
    return script(ABORT_SCRIPT, image);
  }

  Command keepAside(FilesystemName image, String asideName) {
    return script(ASIDE_SCRIPT, image, asideName);
  }

  private Command script(String script, FilesystemName image, String... arguments) {
    List<String> words = new ArrayList<>(List.of("sh", "-c", script, "sh"));
    words.addAll(place(image));
    words.addAll(List.of(arguments));
    return Command.of(words);
  }

  /** The image, and what our files are called if it is a device. */
  private List<String> place(FilesystemName image) {
    String flat = image.value().substring(1).replace("-", "--").replace('/', '-');
    return List.of(image.value(), options.deviceDirectory() + "/" + flat);
  }
}

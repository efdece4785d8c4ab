package io.replication4j.lvm;

/**
 * The scripts of {@link ImageCommands}: sh(1), coreutils, what Linux tells in /proc and /sys;
 * flock(1), perl(1), fallocate(1) and blkdiscard(8) where they are.
 *
 * <p>Beside the image (for a device, in the directory of {@link ImageOptions}) lie: {@code .r4j}, a
 * line that says what the image holds, and a line {@code record PAIR TEXT} for each pair; {@code
 * .r4j-spool}, an increment that arrived or is arriving; and beside a file {@code .r4j-new}, a
 * whole image that is arriving. The first line is one of
 *
 * <pre>
 * holds ID LABEL BYTES MARK            it is that version, as long as it has this mark
 * applying ID LABEL BYTES TIME SELF SPOOL   it becomes it, by what is in the spool of that size
 * torn ID LABEL BYTES TIME SELF [MARK]    it was becoming it, and nothing tells how far it came
 * filling ID LABEL BYTES TIME SELF [MARK] a device, or a new file, that is being filled
 * </pre>
 *
 * SELF tells one file or device from another: inode and time of birth, because the inode of a file
 * that is removed is often that of the next; what the kernel says the device is, and where that
 * tells no disk from another (none, or a loop's file) the boot and the number that the kernel gave
 * it since. The mark changes when somebody writes: of a file it is inode, size and time of change,
 * which {@code settle} sets to the version's own time; of a device what it is, and the digest of
 * its first mebibyte, where a partition table, a superblock or a label lies. With MARK all of it
 * has arrived, and had that mark then.
 *
 * <p>Nothing that a script decides by was read before it had the lock, and all that it writes it
 * writes through what it has locked: whatever takes the name meanwhile is not touched.
 */
final class ImageScripts {

  /**
   * {@code at IMAGE FILES}: where things are and what they are; {@code first}: the first line of
   * the state; {@code put LINE}: another one, atomically; {@code enter PATH}: nobody else is at
   * work on it until the script and all that it started have ended, and what is there is seen anew;
   * from then on {@code $here} is that file or device, whatever its name leads to; {@code
   * expected}: it is what was looked at; {@code settle TIME}: it is on disk, and {@code $mark} its
   * mark.
   */
  private static final String FUNCTIONS =
      """
      umask 077
      here=/proc/self/fd/9
      refuse() { printf 'replication4j: %s\\n' "$2" >&2; exit "$1"; }
      early() { refuse 65 'the stream ended early'; }
      changed() { refuse 70 "$name was changed"; }
      there() {
        found=$(stat -c x "$1" 2>&1) && return 0
        case $found in *': No such file or directory') return 1;; esac
        printf '%s\\n' "$found" >&2
        exit 1
      }
      mark() { stat -L -c '%i:%s:%.9Y' "$1"; }
      file() { stat -L -c '%i.%.9W' "$1"; }
      digest() {
        sum=$({ { dd if="$1" bs=1048576 skip="$2" count="$3" iflag=fullblock,skip_bytes,count_bytes status=none && echo read >&3; } | sha256sum; } 3>&1)
        case $sum in read*) ;; *) exit 1;; esac
        sum=${sum#read?} sum=${sum%% *}
      }
      at() {
        name=$1 place=$2 kind=none bytes=0 mark=- self=- sys= locked=0
        image=$(realpath "$1" 2>&1) || case $image in
          *': No such file or directory') image=$1 kind=nowhere;;
          *) printf '%s\\n' "$image" >&2; exit 1;;
        esac
        files=$image
        if [ "$kind" = none ] && there "$image"; then
          if [ -f "$image" ]; then
            kind=file bytes=$(stat -c %s "$image") mark=$(mark "$image") self=$(file "$image") || exit
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
        read -r bytes <"$sys/size" && read -r locked <"$sys/ro" || exit
        bytes=$((bytes * 512)) lasting= since= part= disk=$sys
        [ ! -e "$sys/partition" ] || { read -r part <"$sys/partition" && read -r start <"$sys/start" && disk=$(realpath "$sys/.."); } || exit
        for says in dm/uuid wwid device/wwid serial device/serial; do
          [ -n "$lasting" ] || [ ! -r "$disk/$says" ] || lasting=$(tr -cd '!-9;-~' <"$disk/$says")
        done
        if [ -z "$lasting" ]; then
          [ ! -r "$disk/loop/backing_file" ] || lasting=$(tr -cd '!-9;-~' <"$disk/loop/backing_file")
          read -r since </proc/sys/kernel/random/boot_id || exit
          [ ! -r "$disk/diskseq" ] || { read -r sequence <"$disk/diskseq" && since=$since.$sequence; } || exit
        fi
        lasting=${lasting:-unknown}${part:+/$part@$start}
        self=$lasting${since:+!$since}
        digest "$image" 0 1048576
        mark=$lasting:$sum
      }
      first() {
        line= word= held= label= length= stamp= owner= spooled=
        there "$state" || return 0
        [ -r "$state" ] || refuse 77 "$state: Permission denied"
        IFS= read -r line <"$state" && read -r word held label length stamp owner spooled <"$state" || line=
      }
      others() {
        there "$state" || return 0
        while IFS= read -r line; do
          case $line in "record $1 "*) ;; 'record '*) printf '%s\\n' "$line";; esac
        done <"$state"
      }
      write() {
        [ "$kind" != device ] || mkdir -p "$dir" || exit
        rm -f "$state-next" && dd of="$state-next" bs=65536 conv=excl,fsync status=none <<END && mv -f -T "$state-next" "$state" && sync "$dir" || exit
      $1
      END
      }
      put() {
        kept=$(others '') || exit
        write "$1${kept:+
      $kept}"
      }
      lock() {
        command -v flock >/dev/null || return 0
        why=$(flock -w 10 "$1" 2>&1) && return
        [ $? != 1 ] || refuse 75 "another sync is at work on $name"
        return 1
      }
      cannot_lock() { printf '%s\\n' "$why" >&2; exit 71; }
      enter() {
        [ -e "$1" ] || changed
        exec 9<"$1"
        lock 9 || { exec 9<>"$1"; lock 9; } || cannot_lock
        was=$kind target=$1
        at "$name" "$place"
        [ "$kind" = "$was" ] && [ "$here" -ef "$target" ] || changed
        [ "$kind" != none ] || { self=$(file "$here") && mark=$(mark "$here"); } || exit
        first
      }
      flush() { dd if=/dev/null of="$1" conv=nocreat,notrunc,fsync status=none || exit; }
      fresh() { rm -f "$1" && set -C && : >"$1" && set +C || exit; }
      landing() {
        case $kind,$word in
        none,holds) there "$new" && [ "$(mark "$new")" = "$stamp" ];;
        file,applying|device,applying) [ "$owner" = "$self" ] && there "$spool" && [ "$(stat -c %s "$spool")" = "$spooled" ];;
        *) false;;
        esac
      }
      known() {
        case $word in
        holds) [ "$stamp" = "$mark" ];;
        *) [ "$owner" = "$self" ];;
        esac
      }
      blank() {
        for from in 0 $((bytes < 1048576 ? 0 : bytes - 1048576)); do
          digest "$image" "$from" 1048576
          here_is=$sum
          digest /dev/zero 0 $((bytes < 1048576 ? bytes : 1048576))
          [ "$here_is" = "$sum" ] || return 1
        done
      }
      expected() {
        [ "$word $held" = "$expect" ] || changed
        case $word in
        holds) [ "$stamp" = "$mark" ];;
        *) [ "$owner $mark" = "$self $seen" ];;
        esac || changed
      }
      settle() {
        if [ "$kind" = device ]; then
          flush "$here"
          device
        else
          touch -m -d "@$1" "$here" || exit
          flush "$here"
          mark=$(mark "$here") || exit
        fi
        [ "$here" -ef "$target" ] || changed
      }
      """;

  /**
   * Prints for each image {@code image KIND BYTES MARK SELF} and, where there is such, {@code state
   * LINE} for each line of its state, {@code spool BYTES ID}, {@code new MARK SELF}, {@code
   * writing} if somebody is still at work on one of these, {@code busy WHO}, {@code locked}; then
   * {@code end}. A device that is not what the state says, and whose first and last mebibyte hold
   * nothing but zeroes, is of the kind {@code blank}.
   *
   * <p>1 whether to look for who uses it: yes or no, then image and files of each
   */
  static final String LOOK =
      FUNCTIONS
          + ImageUse.FUNCTIONS
          + """
          idle() { ! command -v flock >/dev/null || ( exec 8<"$1" && flock -n -s 8 ) || echo writing; }
          look() {
            at "$1" "$2"
            if [ "$kind" = device ]; then
              first
              known || ! blank || kind=blank
            fi
            printf '%s\\n' "image $kind $bytes $mark $self"
            [ "$kind" != nowhere ] || { echo end; return; }
            if there "$state"; then
              while IFS= read -r line; do printf 'state %s\\n' "$line"; done <"$state" || exit
            fi
            if there "$spool"; then
              found=$(stat -c %s "$spool") || exit
              read -r _ _ id _ list _ <"$spool" || id=
              case $id in [!0-9]*|*[!!-~]*) id=;; esac
              case $list in *[!!-~]*) list=;; esac
              echo "spool $found $id $list"
              idle "$spool"
            fi
            case $kind in
            none|file)
              if there "$new"; then
                found=$(mark "$new") self=$(file "$new") || exit
                echo "new $found $self"
                idle "$new"
              fi;;
            esac
            if [ "$scan" = yes ] && [ "$mark" != - ]; then
              user=$(busy) || exit
              [ -z "$user" ] || printf '%s\\n' "busy $user"
            fi
            [ "$locked" = 0 ] && { [ ! -e "$dir" ] || [ -w "$dir" ]; } || echo locked
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
   * place of what a device holds; {@code kept BYTES ID TIME}: into what an interrupted one left.
   * {@code patch BYTES ID TIME ROOM}: into the spool, by {@link Frames}, after there is room for so
   * much there and in the image; or with {@code through} at once into the image, as {@link
   * PieceWriter} makes it. {@code more BYTES ID TIME ROOM}: into the spool that an interrupted one
   * left, {@code from} where that is not the same any more.
   *
   * <p>1 image, 2 its files, 3 the label that it will have, 4 {@code spool} or {@code through}, 5
   * the beginning of the state that this is for: {@code WORD ID}, 6 the mark that was looked at
   */
  static final String RECEIVE =
      FUNCTIONS
          + ImageUse.FUNCTIONS
          + PieceScript.FUNCTIONS
          + """
          whole() {
            if [ "$kind" = device ]; then
              enter "$image"
              [ "$word $owner" = "filling $self" ] || { ! known && blank; } || refuse 66 "$name exists"
              [ "$what" = kept ] || unused
            else
              ! there "$image" || refuse 66 "$name exists"
              first
              if [ "$what" = image ]; then
                ! landing || changed
                [ "$word" != filling ] || put ''
                fresh "$new"
              fi
              enter "$new"
            fi
            [ "$what" = image ] || [ "$word $held $owner" = "filling $id $self" ] || changed
            [ "$kind" = device ] || truncate -s "$size" "$here" || exit
            put "filling $id $tag $size $time $self"
            case $kind,$what in none,image) patch "$here" fresh;; *) patch "$here";; esac || exit
            arrived filling
          }
          through() {
            unused
            put "torn $id $tag $size $time $self"
            [ "$kind" = device ] || [ "$size" -le "$bytes" ] || truncate -s "$size" "$here" || exit
            patch "$here" || exit
            arrived torn
          }
          arrived() {
            settle "$time"
            put "$1 $id $tag $size $time $self $mark"
          }
          roomy() {
            free=$(stat -f -c '%a*%S' "$dir") || exit
            free=$(($free + $1)) needed=$room
            if [ "$kind" = file ]; then
              holes=$(stat -c "$size-%b*%B" "$image") || exit
              holes=$(($holes))
              case $(stat -f -c %T "$image") in ext2/ext3|tmpfs) ;; *) holes=$room;; esac
              [ "$holes" -le 0 ] || needed=$((room + (holes < room ? holes : room)))
            fi
            [ "$free" -ge "$needed" ] || refuse 67 "$dir has $free bytes free, and $needed are needed"
          }
          spool() {
            if [ "$what" = more ]; then
              read -r _ _ arrived _ <"$spool" && [ "$arrived" = "$id" ] || changed
              arrived=$(stat -c '%b*%B' "$spool") || exit
              roomy "$arrived"
            else
              roomy 0
              fresh "$spool"
            fi
            exec 3>>"$spool" 9<&-
            lock 3 || cannot_lock
            while read -r what count; do
              case $what in
              from) truncate -s "$count" /proc/self/fd/3 || exit;;
              block) dd bs=1048576 count="$count" iflag=fullblock,count_bytes status=none >&3 || exit;;
              whole)
                [ /proc/self/fd/3 -ef "$spool" ] || refuse 75 "another sync is at work on $name"
                [ "$(stat -c %s "$spool")" = "$count" ] || { rm -f "$spool"; early; };;
              end)
                flush "$spool"
                exec sync "$dir";;
              *) exit 64;;
              esac
            done
            early
          }
          at "$1" "$2"
          tag=$3 how=$4 expect=$5 seen=$6
          read -r what size id time room || early
          [ "$kind" != device ] || [ "$size" -le "$bytes" ] || refuse 67 "$name has only $bytes bytes, the source $size"
          case $what in
          image|kept) whole;;
          patch|more)
            enter "$image"
            [ "$word,$how" = holds,spool ] && [ "$word $held" = "$expect" ] || expected
            case $how in through) through;; *) spool;; esac;;
          *) exit 64;;
          esac
          """;

  /**
   * What a {@link #RECEIVE} that was interrupted left: how many bytes are read, and digests of
   * their mebibytes. 1 image, 2 its files, 3 the version's id, 4 how many bytes the whole image
   * has, or {@code spool}: it is an increment
   */
  static final String KEPT =
      FUNCTIONS
          + """
          at "$1" "$2"
          first
          from=$image count=$4
          if [ "$count" = spool ]; then
            from=$spool
            read -r _ _ arrived _ <"$spool" && [ "$arrived" = "$3" ] || changed
            count=$(stat -c %s "$spool") || exit
          else
            [ "$kind" != none ] || { from=$new self=$(file "$new") || exit; }
            [ "$word $held $owner" = "filling $3 $self" ] || changed
          fi
          echo "$count"
          dd if="$from" bs=1048576 count="$count" iflag=fullblock,count_bytes,nocache status=none | split -b 1048576 --filter=sha256sum -
          """;

  /**
   * Makes what was received the image's content. Before an increment is applied, the state says
   * that it is going to be: from then on that is finished, however often it is interrupted.
   *
   * <p>1 image, 2 its files, 3 the beginning of the state that this is for, or nothing: what was
   * begun is finished, 4 the mark that was looked at before, 5 {@code spool} or {@code through}, 6
   * the version's id, 7 its label
   */
  static final String FINISH =
      FUNCTIONS
          + ImageUse.FUNCTIONS
          + PieceScript.FUNCTIONS
          + """
          place() {
            mv -n -T "$new" "$image" && ! there "$new" || refuse 66 "$name exists"
            sync "$dir" || exit
          }
          apply() {
            [ "$kind" = device ] || [ "$length" -le "$bytes" ] || truncate -s "$length" "$here" || exit
            { read -r _ && patch "$here"; } <"$spool" || exit
            settle "$stamp"
            put "holds $held $label $length $mark"
            rm -f "$spool" && sync "$dir" || exit
          }
          hold() {
            [ "$word $held $owner $spooled" = "$1 $id $self $mark" ] || changed
            put "holds $id $tag $length $mark"
            [ "$kind" != none ] || place
          }
          commit() {
            unused
            expected
            there "$spool" && exec 3<>"$spool" || changed
            lock 3 || cannot_lock
            [ /proc/self/fd/3 -ef "$spool" ] || changed
            read -r _ size arrived time _ <"$spool" && [ "$arrived" = "$id" ] && [ "$(tail -c 4 "$spool")" = end ] || refuse 71 "$spool is not what it was"
            spooled=$(stat -c %s "$spool") || exit
            [ "$kind" = device ] || touch -m -d "@${mark##*:}" "$here" || exit
            flush "$here"
            flush "$spool"
            [ "$locked" = 0 ] || refuse 77 "$name: Read-only file system"
            put "applying $id $tag $size $time $self $spooled"
            first
            apply
          }
          at "$1" "$2"
          expect=$3 seen=$4 how=$5 id=$6 tag=$7
          case $kind in none) enter "$new";; *) enter "$image";; esac
          if [ -z "$expect" ]; then
            landing || exit 0
            case $word in holds) place;; *) unused; apply;; esac
            exit
          fi
          case $expect,$how in
          nothing,*) hold filling;;
          *,through) hold torn;;
          *)
            [ "$kind" != none ] || changed
            commit;;
          esac
          """;

  /** The version gets another label. 1 image, 2 its files, 3 from, 4 to */
  static final String LABEL =
      FUNCTIONS
          + """
          at "$1" "$2"
          [ "$mark" != - ] || refuse 72 "there is no $name"
          enter "$image"
          [ "$label" != "$4" ] || exit 0
          [ "$label" = "$3" ] || refuse 72 "$name holds no version of that label"
          put "$word $held $4 $length $stamp${owner:+ $owner}${spooled:+ $spooled}"
          """;

  /** The record of a pair replaces the one before. 1 image, 2 its files, 3 pair, 4 record */
  static final String RECORD =
      FUNCTIONS
          + """
          at "$1" "$2"
          [ "$mark" != - ] || refuse 72 "there is no $name"
          enter "$image"
          kept=$(others "$3") || exit
          write "$line
          ${kept:+$kept
          }record $3 $4"
          """;

  /**
   * What was received and is of no use is removed; of a new file after who has it locked had the
   * time to put it in place. 1 image, 2 its files
   */
  static final String ABORT =
      FUNCTIONS
          + """
          unplaced() {
            was=$kind
            [ ! -e "$new" ] || { exec 9<"$new"; ! command -v flock >/dev/null || flock -w 10 9; }
            at "$name" "$place"
            [ "$kind" = "$was" ] || changed
            first
          }
          at "$1" "$2"
          if [ "$mark" = - ]; then unplaced; else enter "$image"; fi
          ! landing || changed
          [ "$kind,$word" != none,filling ] || put ''
          rm -f "$spool" "$state-next" && { [ "$kind" = device ] || rm -f "$new"; } || exit
          [ ! -e "$dir" ] || exec sync "$dir"
          """;

  /**
   * A file gets another name, with its state. 1 image, 2 its files, 3 what is added to the name, 4
   * the mark that was looked at
   */
  static final String ASIDE =
      FUNCTIONS
          + ImageUse.FUNCTIONS
          + """
          at "$1" "$2"
          [ "$kind" = file ] || refuse 72 "there is no $name"
          enter "$image"
          [ "$mark" = "$4" ] || changed
          unused
          ! there "$image.$3" || refuse 66 "$image.$3 exists"
          mv -n -T "$image" "$image.$3" && ! there "$image" || refuse 66 "$image.$3 exists"
          ! there "$state" || mv -f -T "$state" "$image.$3.r4j" || exit
          exec sync "$dir"
          """;

  private ImageScripts() {}
}

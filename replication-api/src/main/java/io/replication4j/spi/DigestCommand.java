package io.replication4j.spi;

import io.replication4j.command.Command;

/**
 * What a backend answers the questions of {@link Digests} with where its hosts have sh(1) and the
 * coreutils: dd, sha256sum, split.
 */
public final class DigestCommand {

  /**
   * Answers requests on standard input, one after the other, with lines of sha256sum(1). {@code
   * range OFFSET LENGTH}: one, of these bytes. {@code blocks OFFSET LENGTH}: one for each block of
   * 4 KiB; split(1) lays them down as files, so that one process reads them all. Devices are read
   * past the page cache: what is on the disk counts, and what a kernel target wrote behind the
   * cache. What dd(1) ended with becomes the script's own status. The blocks lie in a directory
   * that is called after the script's process; those of processes that were killed are removed
   * first.
   *
   * <p>1 the device
   */
  private static final String SCRIPT =
      """
      device=$1 dir= flags=fullblock,skip_bytes,count_bytes
      [ ! -b "$device" ] || flags=$flags,direct
      memory=/dev/shm
      [ -w "$memory" ] || memory=${TMPDIR:-/tmp}
      for left in "$memory"/r4j.*.*; do
        owner=${left##*/r4j.}
        [ ! -O "$left" ] || kill -0 "${owner%%.*}" 2>/dev/null || rm -rf "$left"
      done
      trap '[ -z "$dir" ] || rm -rf "$dir"' 0
      trap 'exit 143' HUP INT TERM
      exec 4>&1
      piece() { dd if="$device" bs=1048576 skip="$1" count="$2" iflag="$flags" status=none; echo $? >&3; }
      while read -r request offset length; do
        case $request in
        range) ended=$({ piece "$offset" "$length" | sha256sum >&4; } 3>&1) || exit;;
        blocks)
          [ -n "$dir" ] || { dir=$(mktemp -d "$memory/r4j.$$.XXXXXX") && cd "$dir"; } || exit
          ended=$({ piece "$offset" "$length" | split -b 4096 -a 4 -; } 3>&1) || exit
          sha256sum x???? || exit
          rm -f x????;;
        *) exit 64;;
        esac
        [ "$ended" = 0 ] || exit "$ended"
      done
      """;

  private DigestCommand() {}

  /**
   * Answers about {@code path}, a block device (read past the page cache) or a plain file; one
   * process of dd(1) and one of sha256sum(1) for each question.
   */
  public static Command of(String path) {
    return Command.script("digests of a device", SCRIPT, path);
  }
}

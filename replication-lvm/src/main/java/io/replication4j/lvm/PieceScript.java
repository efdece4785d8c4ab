package io.replication4j.lvm;

/** How a host writes what {@link PieceWriter} and {@link ImageWriter} made. */
final class PieceScript {

  /**
   * {@code patch PATH [fresh]}: writes pieces from standard input, up to the word that ends them;
   * zeroes are left out in a file that is {@code fresh}. One process of perl(1) if the host has it,
   * else one of dd(1) for each piece. {@code $name} is for messages.
   */
  static final String FUNCTIONS =
      """
      patch() {
        clear='if [ -b "$1" ]; then blkdiscard -f -z -o "$2" -l "$3" "$1"; else fallocate -n -p -o "$2" -l "$3" "$1"; fi 2>/dev/null || exec dd if=/dev/zero of="$1" bs=1048576 count="$3" seek="$2" iflag=count_bytes oflag=seek_bytes conv=nocreat,notrunc status=none'
        if command -v perl >/dev/null; then
          perl -e '
            use strict;
            use Fcntl;
            my ($to, $clear, $fresh, $name) = @ARGV;
            binmode STDIN;
            sysopen(my $out, $to, O_WRONLY | (-b $to ? O_EXCL : 0)) or die "$name: $!\\n";
            while (defined(my $line = <STDIN>)) {
              my ($word, $at, $length) = split " ", $line;
              if ($word eq "end") {
                close($out) or die "$name: $!\\n";
                exit 0;
              } elsif ($word eq "zero") {
                $fresh or system("sh", "-c", $clear, "sh", $to, $at, $length) == 0 or exit 1;
              } elsif ($word eq "data") {
                sysseek($out, $at, 0) or die "$name: $!\\n";
                while ($length > 0) {
                  my $got = read(STDIN, my $bytes, $length < 1048576 ? $length : 1048576);
                  defined($got) or die "standard input: $!\\n";
                  $got or last;
                  $length -= $got;
                  for (my $done = 0; $done < $got; ) {
                    my $n = syswrite($out, $bytes, $got - $done, $done);
                    defined($n) or die "$name: $!\\n";
                    $done += $n;
                  }
                }
              } else {
                exit 64;
              }
            }
            print STDERR "replication4j: the stream ended early\\n";
            exit 65;' "$1" "$clear" "$2" "$name"
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
      """;

  private PieceScript() {}
}

# Sourced by the launcher scripts beside it: builds what is missing or out of date, and runs a class.
#   launch CLASS [java options --] arguments...

PATH=$PATH:/usr/sbin:/sbin
module=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
root=$(dirname "$module")

fail() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

# The library and the examples, built once and again when a source is newer.
build() {
  local stamp=$module/target/lib/.built
  if [ -f "$stamp" ] && [ -z "$(find "$root"/pom.xml "$root"/*/pom.xml "$root"/*/src \
      -newer "$stamp" -type f -print -quit)" ]; then
    return
  fi
  command -v "${MVN:-mvn}" >/dev/null || fail "mvn is missing: install Maven 3.8 or newer"
  command -v javac >/dev/null || fail "javac is missing: install a JDK 17 or newer"
  echo "$(basename "$0"): building (the first time takes a minute)" >&2
  local log=$module/target/build.log
  mkdir -p "$module/target"
  if ! (cd "$root" && "${MVN:-mvn}" -B -q -DskipTests package -pl examples -am) </dev/null >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    fail "the build failed: $log"
  fi
  touch "$stamp"
}

# An archive of the classes that replicate loads, for this JVM: half the time to start. Only ever a
# help: without it, or with one that does not fit, everything works.
archive() { # CLASSPATH: prints the archive
  local java file fresh
  java=$(readlink -f "$(command -v java)")
  file=$module/target/classes${java//\//-}.jsa
  fresh=$file.$$
  if [ ! "$file" -nt "$module/target/lib/.built" ] && [ -w "$module/target" ]; then
    if timeout 60 "$java" -Xlog:disable -XX:ArchiveClassesAtExit="$fresh" -XX:+UseSerialGC -cp "$1" \
        io.replication4j.examples.replicate.Rehearsal </dev/null >"$module/target/archive.log" 2>&1; then
      mv "$fresh" "$file"
    else
      rm -f "$fresh" "$file"
      : >"$file" # not tried again before the next build
    fi
  fi
  [ ! -s "$file" ] || echo "$file"
}

launch() {
  build
  local jars archive
  jars=$(printf '%s:' "$module"/target/replication-examples-*.jar "$module"/target/lib/*.jar)
  # a JVM that thinks in ASCII cannot print, nor pass on, the names of files
  [ "$(locale charmap 2>/dev/null)" = UTF-8 ] || export LC_ALL=C.UTF-8
  jars=${jars%:}
  archive=$(archive "$jars")
  local options=(-XX:+UseSerialGC -XX:TieredStopAtLevel=4 -Dexamples.directory="$module")
  [ -z "$archive" ] || options+=(-Xlog:disable -Xlog:all=error:stderr -XX:SharedArchiveFile="$archive")
  [ -t 2 ] && options+=(-Dexamples.terminal=true)
  exec java "${options[@]}" -cp "$jars" "$@"
}

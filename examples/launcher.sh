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

launch() {
  build
  # a JVM that thinks in ASCII cannot print, nor pass on, the names of files
  [ "$(locale charmap 2>/dev/null)" = UTF-8 ] || export LC_ALL=C.UTF-8
  local options=(-XX:+UseSerialGC -XX:TieredStopAtLevel=4)
  [ -t 2 ] && options+=(-Dreplicate.terminal=true)
  exec java "${options[@]}" -cp "$module/target/classes:$module/target/lib/*" "$@"
}

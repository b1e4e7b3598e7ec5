# The program for those who only want to use it: one archive that runs on any Linux of this architecture.
# shellcheck shell=bash

package_name() { echo "telltale-$(tr -d '[:space:]' <VERSION)-linux-$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')"; }

package() {
  build_all release telltale
  make_package
}

make_package() {
  local name
  name=$(package_name)
  need "$name.tar.xz" in_root tools/package "$name"
  note "$name.tar.xz: $(($(stat -c %s "$name.tar.xz") / 1000000)) MB"
}

# Unpacked in a Debian 12 that has nothing but its essential packages, the archive must still run.
package_test() {
  local name bare=$cache/bare-bookworm
  name=$(package_name)
  one "package" in_root tools/package "$name"
  one "bare Debian 12 root" make_bare_root "$bare"
  [ -e "$bare/.complete" ] || return 0
  one "package on Debian 12: version" on_bare_root "$bare" "$name" "./telltale version | grep -F $(cat VERSION)"
  one "package on Debian 12: detect" on_bare_root "$bare" "$name" './telltale detect /tmp/pump.csv | tee /dev/stderr | grep "motor temp"'
  one "package on Debian 12: demo" on_bare_root "$bare" "$name" './telltale demo --for 5s'
  one "package on Debian 12: client libraries" on_bare_root "$bare" "$name" "$load_client_libraries"
}

# What is loaded only when it is needed is there with all that it needs itself, and the program finds it.
# shellcheck disable=SC2016 # the other side expands it
load_client_libraries='
  for library in libcurl.so.4 libpq.so.5 libmariadb.so.3; do lib/ld.so --library-path lib --list "lib/$library"; done | tee /tmp/needed
  if grep "not found" /tmp/needed; then exit 1; fi
  { ./telltale alarms --url http://127.0.0.1:9 || true; } 2>&1 | tee /dev/stderr | grep "no engine answers"'

make_bare_root() {  # status 77: not possible here
  local dir=$1
  [ -e "$dir/.complete" ] && return
  if [ "$(id -u)" != 0 ] || ! command -v mmdebstrap >/dev/null || ! bwrap --ro-bind / / --unshare-all true; then
    echo "needs mmdebstrap, bubblewrap, root, and leave to make namespaces"
    return 77
  fi
  exec 9>"$dir.lock"
  flock 9
  [ -e "$dir/.complete" ] && return
  rm -rf --one-file-system "$dir.new"
  debian_sources bookworm >"$dir.sources" || return
  bootstrap "$dir.new" bookworm "$dir.sources" base-files || return
  rm -f "$dir.sources"
  date -u +%FT%TZ >"$dir.new/.complete"
  mv -T "$dir.new" "$dir"
  exec 9>&-
}

on_bare_root() {  # on_bare_root ROOT NAME SCRIPT: in the unpacked archive, without any network but its own loopback
  local dir=$1 name=$2 unpacked=$project/build/package-test
  rm -rf "$unpacked" && mkdir -p "$unpacked" || return
  tar -C "$unpacked" -xf "$name.tar.xz" || return
  write_pump >"$unpacked/pump.csv"
  timeout 60 bwrap --ro-bind "$dir" / --dev /dev --proc /proc --tmpfs /tmp --tmpfs /opt --bind "$unpacked/$name" /opt/telltale \
    --ro-bind "$unpacked/pump.csv" /tmp/pump.csv --unshare-all --die-with-parent --clearenv --setenv PATH /usr/bin:/bin --setenv HOME /tmp \
    --chdir /opt/telltale bash -euo pipefail -c "$3"
}

write_pump() {  # two signals, one of which steps up
  awk 'BEGIN { srand(7); print "time,flow [l/min],motor temp"
    for (i = 0; i < 2000; i++) printf "%d,%.2f,%.2f\n", 1767225600 + i, 51 + rand() + rand(), 60.5 + rand() + (i > 1500 && i < 1560 ? 9 : 0) }'
}

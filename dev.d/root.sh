# Where the code is built: on Debian 13 here, elsewhere inside a private Debian 13 root that bwrap enters.
# Checkout and cache have the same paths inside and outside. Packages come from packages/*.txt in both cases.
# shellcheck shell=bash

suite=trixie
cache=${XDG_CACHE_HOME:-$HOME/.cache}/telltale
os_release=${os_release:-/etc/os-release}  # checks/platforms puts other machines' here
or_container="or use the container: see the first lines of the Dockerfile"

# shellcheck source=/dev/null
host_says() { (. "$os_release" 2>/dev/null && echo "${!1:-}") || true; }  # host_says ID|VERSION_CODENAME
host_is() { [ "$(host_says VERSION_CODENAME)" = "$1" ]; }

packages() {  # packages LIST...: the names in packages/LIST.txt, sorted
  local list
  for list in "$@"; do sed 's/#.*//' "packages/$list.txt"; done | tr -s ' \t' '\n' | sort -u | sed '/^$/d'
}

# prepare LIST: makes sure that the packages are there, those of packages/LIST.txt on top of what it builds on.
prepare() {
  local lists
  read -ra lists <<<"$(lists_below "$1")"
  if host_is $suite; then prepare_natively "${lists[@]}"; else prepare_root "${lists[@]}"; fi
}

lists_below() {  # build; build test; build fuzz; build test peers
  case $1 in build) echo build ;; test | fuzz) echo "build $1" ;; *) echo "build test $1" ;; esac
}

# ---- on Debian 13 ---------------------------------------------------------------------------------------------------

prepare_natively() {
  root=
  local missing
  missing=$(comm -23 <(packages "$@") <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort -u))
  [ -n "$missing" ] || return 0
  # shellcheck disable=SC2086
  set -- $missing
  [ "$(id -u)" = 0 ] || die "these Debian packages are missing; $or_container. Install them: sudo apt-get install --no-install-recommends $*"
  need "apt-get update" apt-get -q update
  watched "apt-get install ($# packages)" env DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends "$@"
}

# ---- elsewhere: a root of our own -----------------------------------------------------------------------------------

prepare_root() {
  local sum
  root=$cache/root-$(root_key build test)          # serves for building as well, once it is there
  if [ ! -e "$root/.complete" ] || [ "${*: -1}" != build ]; then root=$cache/root-$(root_key "$@"); fi
  if [ ! -e "$root/.complete" ]; then
    need_host_tools
    mkdir -p "$cache"
    exec 9>"$root.lock"
    flock -n 9 || { note "another ./dev is making the Debian 13 root: waiting"; flock 9; }
    [ -e "$root/.complete" ] || make_root "$root" "$@"
    exec 9>&-
  fi
  sum=$(certificates | sha256sum)
  [ "$sum" = "$(cat "$root/.certificates" 2>/dev/null)" ] || need "certificates of this machine" take_certificates "$root"
}

# The list and the way it is made name a root: another list, another root. Raise the number when make_root changes.
root_key() { (echo "1 $suite"; packages "$@") | sha256sum | cut -c1-12; }

need_host_tools() {
  command -v apt-get >/dev/null || die "Telltale builds on Debian 13. This machine has no apt-get to make a private one with; $or_container"
  [ "$(id -u)" = 0 ] || die "Telltale builds on Debian 13. Run ./dev as root to make a private one in $cache; $or_container"
  local missing=()
  command -v mmdebstrap >/dev/null || missing+=(mmdebstrap)
  command -v bwrap >/dev/null || missing+=(bubblewrap)
  [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || missing+=(debian-archive-keyring)
  if [ ${#missing[@]} != 0 ]; then
    need "apt-get update" apt-get -q update
    need "apt-get install ${missing[*]}" env DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends "${missing[@]}"
  fi
  bwrap --ro-bind / / --unshare-pid --proc /proc true 2>/dev/null || die "this machine or container may not make namespaces (tried: bwrap --unshare-pid); $or_container"
}

# What the machine's own apt reads, in whatever format its sources are kept: "URI SUITE" a line. Needs no network.
host_mirrors() { apt-get update --print-uris 2>/dev/null | sed -nE "s#^'(.*)/dists/([^/]+)/InRelease'.*#\1 \2#p" | sort -u; }

debian_sources() {  # lines for sources.list
  local main=${TELLTALE_DEBIAN_MIRROR:-} security signed='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
  if [ -z "$main" ]; then
    [ "$(host_says ID)" = debian ] || die "this machine's mirrors are not Debian's: set TELLTALE_DEBIAN_MIRROR=http://.../debian"
    main=$(host_mirrors | awk -v own="$(host_says VERSION_CODENAME)" '$2 == own {print $1; exit}')
    security=$(host_mirrors | awk '$2 ~ /-security$/ {print $1; exit}')
  fi
  [ -n "$main" ] || die "no Debian mirror in this machine's apt sources: set TELLTALE_DEBIAN_MIRROR=http://.../debian"
  echo "deb $signed $main ${1:-$suite} main"
  echo "deb $signed $main ${1:-$suite}-updates main"
  [ -z "${security:-}" ] || echo "deb $signed $security ${1:-$suite}-security main"
}

apt_settings() {  # the machine's own way to its mirrors (proxy, TLS), then ours
  apt-config dump | grep -E '^Acquire::(Check-|http|https|ftp|ForceIPv|Retries|AllowInsecure|AllowWeak)' | grep -vE '::(Dl-Limit|User-Agent) |""; *$' || true
  echo 'APT::Install-Recommends "false"; APT::Sandbox::User "root"; Acquire::Languages "none";'
}

make_root() {  # make_root DIR LIST...: in DIR.new, then renamed: a root is whole or not there
  local dir=$1 start=$EPOCHREALTIME small
  shift
  small=$cache/root-$(root_key "${@:1:$#-1}")
  echo "Making a private Debian 13 in $dir (once):"
  rm -rf --one-file-system "$dir.new"
  if [ "$*" != build ] && [ -e "$small/.complete" ]; then
    need "copy of the smaller root" cp -a --reflink=auto "$small" "$dir.new"
    watched "apt-get install (${*: -1} packages)" add_packages "$dir.new" "$@"
  else
    debian_sources >"$dir.sources"
    watched "mmdebstrap ($(packages "$@" | wc -l) packages)" bootstrap "$dir.new" $suite "$dir.sources" "$(packages "$@" | paste -sd,)"
    rm -f "$dir.sources"
  fi
  need "certificates of this machine" take_certificates "$dir.new"
  date -u +%FT%TZ >"$dir.new/.complete"
  mv -T "$dir.new" "$dir"
  note "the root took $(seconds_since "$start") s; it is kept and needs no network again"
  local others
  others=$(comm -23 <(find "$cache" -maxdepth 1 -name 'root-*' -type d | sort) <(roots_of_all_lists) | paste -sd' ')
  [ -z "$others" ] || note "roots of older package lists, to be removed when no ./dev uses them: $others"
}

roots_of_all_lists() {  # the paths that today's lists give, sorted
  local list lists
  for list in packages/*.txt; do
    list=${list##*/}
    read -ra lists <<<"$(lists_below "${list%.txt}")"
    echo "$cache/root-$(root_key "${lists[@]}")"
  done | sort
}

# Its mounts live in a namespace that dies with it: an interrupted build leaves no mount behind.
bootstrap() {  # bootstrap DIR SUITE SOURCES PACKAGES
  local conf=$1.conf
  apt_settings >"$conf"
  # shellcheck disable=SC2016  # $1 is the hook's
  setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --mount-proc \
    mmdebstrap --mode=root --variant=minbase --include="$4" --aptopt="$conf" --dpkgopt='force-unsafe-io' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --customize-hook='for f in etc/npmrc etc/pip.conf etc/resolv.conf etc/hosts; do rm -f "$1/$f"; : >"$1/$f"; done' \
    "$2" "$1" - <"$3" || return
  rm -f "$conf"
}

add_packages() {  # add_packages DIR LIST...
  local dir=$1
  shift
  # shellcheck disable=SC2046
  setpriv --pdeathsig KILL bwrap --bind "$dir" / --dev /dev --proc /proc --tmpfs /tmp --die-with-parent --unshare-pid \
    --ro-bind /etc/resolv.conf /etc/resolv.conf --ro-bind /etc/hosts /etc/hosts \
    --setenv PATH /usr/sbin:/usr/bin:/sbin:/bin --setenv DEBIAN_FRONTEND noninteractive --setenv LANG C.UTF-8 \
    bash -ec 'apt-get -q update; apt-get -qy -o Dpkg::Use-Pty=0 install --no-install-recommends "$@"; apt-get clean' apt $(packages "$@")
}

# Certificate authorities that an administrator added to this machine: package clients inside need them too.
certificates() { cat /usr/local/share/ca-certificates/*.crt 2>/dev/null || true; }

take_certificates() {  # take_certificates DIR
  local dir=$1 own=$1/usr/local/share/ca-certificates file
  mkdir -p "$own"
  rm -f "$own"/host-*.crt
  for file in /usr/local/share/ca-certificates/*.crt; do
    [ ! -e "$file" ] || cp "$file" "$own/host-${file##*/}"
  done
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin bwrap --bind "$dir" / --dev /dev --proc /proc --tmpfs /tmp update-ca-certificates --fresh || return
  certificates | sha256sum >"$dir/.certificates"
}

# ---- inside ---------------------------------------------------------------------------------------------------------

# in_root [--private-net] COMMAND...: runs it where the packages are, in the current directory. In a root of our own
# each call has its own processes, /tmp and IPC, which end with it; with --private-net its own loopback too.
in_root() {
  local private_net=
  if [ "$1" = --private-net ]; then private_net=1; shift; fi
  build_environment
  if [ -z "$root" ]; then
    env "${environment[@]}" "$@"
  else
    enter_arguments ${private_net:+--unshare-net}
    bwrap "${enter[@]}" --chdir "$PWD" "$@"
  fi
}

build_environment() {  # what build tools are told, natively as well
  mkdir -p "$cache/ccache" "$cache/npm"
  environment=(LANG=C.UTF-8 "CCACHE_DIR=$cache/ccache" "CCACHE_BASEDIR=$project" CCACHE_NOHASHDIR=1 "CCACHE_SLOPPINESS=pch_defines,time_macros"
    CCACHE_MAXSIZE=5G "npm_config_cache=$cache/npm" npm_config_update_notifier=false npm_config_fund=false npm_config_audit=false
    GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory "GIT_CONFIG_VALUE_0=*")  # the checkout may be another account's
}

enter_arguments() {  # fills `enter`
  local name value path
  enter=(--ro-bind "$root/usr" /usr --ro-bind "$root/etc" /etc --ro-bind "$root/var" /var
    --symlink usr/bin /bin --symlink usr/sbin /sbin --symlink usr/lib /lib --symlink usr/lib64 /lib64
    --dev /dev --proc /proc --tmpfs /run --perms 1777 --tmpfs /tmp --perms 1777 --tmpfs /var/tmp --perms 1777 --tmpfs /dev/shm
    --tmpfs "$HOME" --ro-bind /etc/hosts /etc/hosts
    --die-with-parent --unshare-pid --unshare-ipc --unshare-uts --hostname telltale "$@"
    --clearenv --setenv HOME "$HOME" --setenv PATH /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    --setenv TERM "${TERM:-dumb}" --bind "$cache" "$cache")
  [ ! -e /etc/resolv.conf ] || enter+=(--ro-bind /etc/resolv.conf /etc/resolv.conf)
  for value in "${environment[@]}"; do enter+=(--setenv "${value%%=*}" "${value#*=}"); done
  for name in $(compgen -e | grep -E '^(CI|NO_COLOR|TELLTALE_.*|GTEST_.*|CTEST_.*|[a-z]+_proxy|[A-Z]+_PROXY|(NPM|npm)_(CONFIG|config)_(REGISTRY|registry)|PIP_(INDEX_URL|EXTRA_INDEX_URL|TRUSTED_HOST)|GO(PROXY|SUMDB|NOSUMDB|PRIVATE))$'); do
    enter+=(--setenv "$name" "${!name}")
  done
  # A bundle of certificates that the host names is passed on as the root's own, which holds the same.
  for name in SSL_CERT_FILE CURL_CA_BUNDLE GIT_SSL_CAINFO NODE_EXTRA_CA_CERTS PIP_CERT REQUESTS_CA_BUNDLE; do
    [ -z "${!name:-}" ] || enter+=(--setenv "$name" /etc/ssl/certs/ca-certificates.crt)
  done
  # The package clients' own settings, such as a mirror of the house.
  for path in /etc/npmrc /etc/pip.conf "$HOME/.npmrc" "$HOME/.config/pip/pip.conf" "$HOME/.config/go/env"; do
    [ ! -f "$path" ] || enter+=(--ro-bind "$path" "$path")
  done
  enter+=(--bind "$project" "$project")
  path=$(git rev-parse --path-format=absolute --git-common-dir 2>/dev/null || true)  # elsewhere for a worktree
  case $path in '' | "$project"/*) ;; *) enter+=(--ro-bind "$path" "$path") ;; esac
  [ ! -d "$project/../shared" ] || enter+=(--ro-bind "$project/../shared" "$(dirname "$project")/shared")
}

shell() {  # shell [COMMAND...]: in the caller's directory when that is in the checkout
  prepare test
  case $called_from/ in "$project"/*) cd -- "$called_from" || exit ;; esac
  if [ $# = 0 ]; then set -- bash; fi
  in_root "$@"
}

# From sources to ./telltale: the pages, the program, and the program with its own loader and libraries beside it.
# shellcheck shell=bash

presets="release debug asan tsan"

known_preset() { case " $presets " in *" $1 "*) ;; *) die 2 "unknown preset '$1'; there are: $presets" ;; esac; }

build_all() {  # build_all PRESET [TARGET...]
  known_preset "$1"
  prepare build
  one_at_a_time
  build_web
  build_program "$@"
  if [ "$1" = release ] && [ -e build/release/telltale ]; then refresh_telltale; fi
  exec 8>&-
}

up() {
  build_all release telltale
  exec ./telltale demo "$@"
}

# Two ./dev in one checkout would write the same files: the second waits.
one_at_a_time() {
  mkdir -p build
  exec 8>build/.lock
  flock -n 8 || { note "another ./dev builds in this checkout: waiting"; flock 8; }
}

jobs_at_once() {  # one a processor, but 1.5 GB of memory each
  local memory
  memory=$(awk '/^MemAvailable/ {print int($2 / 1500000)}' /proc/meminfo)
  [ "$memory" -ge 1 ] || memory=1
  echo "${TELLTALE_JOBS:-$(($(nproc) < memory ? $(nproc) : memory))}"
}

# ---- web/dist: made again only when something that goes into it changed --------------------------------------------

web_sum() {
  find web openapi.yaml -type f ! -path 'web/node_modules/*' ! -path 'web/dist/*' -print0 | sort -z | xargs -0 sha256sum | sha256sum
}

build_web() {
  [ -e web/package-lock.json ] || return 0
  install_web
  local sum
  sum=$(web_sum)
  if [ "$sum" != "$(cat build/web.sum 2>/dev/null)" ] || [ ! -e web/dist/index.html ]; then
    need "vite build" in_web npm run --silent build
    web_sum >build/web.sum
  fi
}

install_web() {
  local lock
  lock=$(sha256sum <web/package-lock.json)
  if [ "$lock" != "$(cat web/node_modules/.installed 2>/dev/null)" ]; then
    need "npm ci" in_web npm ci --ignore-scripts --prefer-offline
    echo "$lock" >web/node_modules/.installed
  fi
}

in_web() { (cd web && in_root "$@"); }

# ---- the program ----------------------------------------------------------------------------------------------------

build_program() {  # build_program PRESET [TARGET...]: default everything
  local dir=build/$1
  [ -e "$dir/build.ninja" ] || need "cmake --preset $1" in_root cmake --preset "$1"
  watched "ninja ($1)" in_root ninja -C "$dir" -j "$(jobs_at_once)" "${@:2}"
}

refresh_telltale() {
  local bundle=build/release/bundle
  if [ build/release/telltale -nt "$bundle/.complete" ] || [ tools/bundle -nt "$bundle/.complete" ]; then
    need "bundle" in_root tools/bundle build/release/telltale "$bundle"
  fi
  cmp -s tools/telltale telltale || install -m 755 tools/telltale telltale
}

# bench [ROW...] [--peers] [--json] [--rounds N]: the rows whose names begin with one of these; `parts` is Google Benchmark's.
bench() {
  local program name word before='' wanted=() packages=test
  for word in "$@"; do
    case $before:$word in
      --rounds:*) [[ $word =~ ^[1-9][0-9]*$ ]] || die 2 "--rounds takes a number of rounds, as 5; it is '$word'" ;;
      *:--peers) packages=peers ;;
      *:--json | *:--rounds) ;;
      *:-*) die 2 "unknown option '$word'; there are --peers, --json and --rounds N" ;;
      *)
        [ -n "$(find bench -name "${word%%/*}_bench.*")" ] || die 2 "no figures '$word'; there are: $(bench_names)"
        wanted+=("${word%%/*}")
        ;;
    esac
    before=$word
  done
  [ "$before" != --rounds ] || die 2 "--rounds takes a number of rounds, as 5"
  prepare test
  build_all release benchmarks
  prepare $packages
  for program in build/release/benchmarks/*; do
    name=${program##*/}
    if [ ${#wanted[@]} = 0 ]; then [ "$name" != parts ] || continue
    else case " ${wanted[*]} " in *" $name "*) ;; *) continue ;; esac; fi
    if [ "$name" = parts ]; then in_root "$program"; else in_root "$program" "$@"; fi
  done
  if [ ${#wanted[@]} = 0 ] || [[ " ${wanted[*]} " = *" whole "* ]]; then
    build_all release telltale
    in_root python3 bench/whole_bench.py "$@"
  fi
}

bench_names() { find bench -maxdepth 1 -name '*_bench.*' -printf '%f\n' | sed 's/_bench\..*//' | sort | paste -sd' '; }

score() {
  prepare test
  build_all release telltale
  in_root python3 tools/score.py "$@"
}

fmt() {  # fmt [--check]
  local files
  prepare test
  mapfile -t files < <(in_root git ls-files -co --exclude-standard '*.h' '*.cpp')
  case ${1:-} in
    --check) in_root clang-format --dry-run --Werror "${files[@]}" ;;
    '') in_root clang-format -i "${files[@]}" ;;
    *) die 2 "fmt takes --check or nothing, not '$1'" ;;
  esac
}

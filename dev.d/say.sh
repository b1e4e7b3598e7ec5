# How ./dev speaks: every step with its time, logs kept, the log shown when a step fails.
# shellcheck shell=bash

logs=$project/build/logs

die() {  # die [STATUS] TEXT
  local status=1
  if [[ ${1:-} =~ ^[0-9]+$ ]]; then status=$1; shift; fi
  echo "./dev: $*" >&2
  exit "$status"
}

note() { echo "   $*"; }

seconds_since() {  # seconds_since START: START as $EPOCHREALTIME gave it
  local us=$((${EPOCHREALTIME/[.,]/} - ${1/[.,]/}))
  printf '%d.%d' $((us / 1000000)) $((us / 100000 % 10))
}

# step NAME COMMAND...: runs it with its output in build/logs/NAME.log; says how long it took; returns its status.
# Status 77 is a test's word for "skipped"; its last line of output says why.
step() {
  local name=$1 start=$EPOCHREALTIME status=0
  shift
  local log=$logs/${name//[^a-zA-Z0-9.-]/-}.log
  mkdir -p "$logs"
  if [ -t 1 ]; then printf '   %-34s ...' "$name"; fi
  "$@" >"$log" 2>&1 || status=$?
  if [ -t 1 ]; then printf '\r\033[K'; fi
  printf '   %-34s %7s s' "$name" "$(seconds_since "$start")"
  case $status in
    0) echo ;;
    77) echo "  skipped: $(tail -n 1 "$log")" ;;
    *)
      echo "  FAILED (status $status), ${log#"$project/"} ends:"
      tail -n 60 "$log" | sed 's/^/      | /'
      ;;
  esac
  return $status
}

# need NAME COMMAND...: a step without which nothing goes on.
need() { step "$@" || exit 1; }

# watched NAME COMMAND...: like need, but on a terminal its own progress is shown.
watched() {
  if [ ! -t 1 ]; then need "$@"; return; fi
  local name=$1 start=$EPOCHREALTIME
  shift
  "$@" || die "$name failed"
  printf '   %-34s %7s s\n' "$name" "$(seconds_since "$start")"
}

# All tests, one closing line. A step that fails does not stop the others; what cannot be built stops them.
# Results are JUnit files in build/logs/results, written by ctest, vitest, node and `one` below; dev.d/sum.py adds them up.
# shellcheck shell=bash

results=$logs/results

test_all() {  # test_all [quick|PRESET]
  local start=$EPOCHREALTIME preset=release
  case ${1:-} in
    '') prepare test ;;
    quick) prepare build ;;
    *) known_preset "$1" && prepare build && preset=$1 ;;
  esac
  rm -rf "$results"
  mkdir -p "$results"
  build_for_tests "$preset" || close "$start"
  unit_tests "$preset" || true
  if [ $# = 0 ]; then
    run_checks
    command_line_tests || true
    server_tests || true
    fault_tests || true
    web_tests
    browser_tests || true
    package_test || true
  fi
  close "$start"
}

build_for_tests() {
  local status=0
  ./dev build "$1" || status=$?
  outcome build $status
  return $status
}

close() {  # close START: the sum, as the last line
  local status=0
  note "$(seconds_since "$1") s in all; logs in build/logs"
  in_root python3 dev.d/sum.py "$results" || status=$?
  exit $status
}

one() {  # one NAME COMMAND...: a step that is one test by itself
  local status=0
  step "$@" || status=$?
  outcome "$1" $status
}

outcome() {  # outcome NAME STATUS: as a JUnit file
  local what=
  case $2 in 0) ;; 77) what='<skipped/>' ;; *) what="<failure message=\"status $2\"/>" ;; esac
  echo "<testsuite name=\"steps\"><testcase name=\"$1\">$what</testcase></testsuite>" >"$results/step-${1//[^a-zA-Z0-9.-]/-}.xml"
}

# many NAME FILE COMMAND...: a step that writes its own JUnit FILE; when it dies without one, it counts as a failed test.
many() {
  local name=$1 file=$2 status=0
  shift 2
  rm -f "$file"
  step "$name" "$@" || status=$?
  [ -s "$file" ] || outcome "$name" 1
  return $status
}

unit_tests() {
  many "unit tests and scenarios" "$results/unit.xml" in_root --private-net \
    timeout 900 ctest --test-dir "build/$1" -LE servers -j "$(jobs_at_once)" --output-on-failure --output-junit "$results/unit.xml"
}

run_checks() {
  local check
  for check in checks/*; do
    if [ -x "$check" ]; then one "checks/${check##*/}" in_root "$check"; fi
  done
}

command_line_tests() {
  TELLTALE_RESULTS=$results/cli.xml many "command line tests" "$results/cli.xml" in_root --private-net \
    timeout 600 tests/cli/run.sh build/release/telltale
}

server_tests() {
  many "server tests" "$results/servers.xml" in_root --private-net timeout 900 tests/servers/run --results "$results"
}

web_tests() {
  [ -e web/package.json ] || return 0
  local check checks
  mapfile -t checks < <(sed -nE 's/^ *"(check:[a-z]+)":.*/\1/p' web/package.json)
  for check in "${checks[@]}"; do
    one "web: ${check#check:}" in_web npm run --silent "$check"
  done
  many "web: vitest" "$results/web.xml" in_web timeout 600 npx --no-install vitest run --reporter=default --reporter=junit \
    --outputFile.junit="$results/web.xml" || true
}

# The pages in a real browser against the real engine; the script writes its results as JUnit to $TELLTALE_RESULTS.
browser_tests() {
  grep -q '"test:browser"' web/package.json 2>/dev/null || return 0
  TELLTALE_PROGRAM=$project/build/release/telltale TELLTALE_CHROMIUM=/usr/bin/chromium TELLTALE_RESULTS=$results/browser.xml \
    many "browser tests" "$results/browser.xml" in_browser_room
}

in_browser_room() { (cd web && in_root --private-net timeout 900 npm run --silent test:browser); }

scenarios() {  # scenarios [--update]
  build_all release test_scenarios
  local program=build/release/tests/scenarios/test_scenarios
  case ${1:-} in
    '') in_root $program --gtest_brief=1 ;;
    --update) TELLTALE_UPDATE_SCENARIOS=1 in_root $program --gtest_brief=1 && in_root git --no-pager diff --stat -- tests/scenarios ;;
    *) die 2 "scenarios takes --update or nothing, not '$1'" ;;
  esac
}

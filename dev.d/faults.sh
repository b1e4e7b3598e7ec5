# The crash laboratory (tests/faultlab): rows of accidents, planted bugs.
# shellcheck shell=bash

laboratory=build/release/tests/faultlab

faults() {  # faults [plants | ROW...] [--n N] [--seed S] [--night] [--quiet-machine] [--json] [--markdown]
  local words=() show=() as_markdown='' said="./dev faults $*" word
  for word in "$@"; do
    case $word in
      --json) show+=(--json) ;;
      --markdown) as_markdown=1 ;;
      --night) words+=("$word") && show+=(--into docs/results/faults.md "$said") ;;
      *) words+=("$word") ;;
    esac
  done
  [ -z "$as_markdown" ] || show+=(--markdown "$said")
  [ "${words[0]:-}" != plants ] || [[ "${show[*]}" != *--into* ]] || die 2 "planted bugs have no night: leave out --night"
  prepare test
  if [ -n "${show[*]}" ]; then build_laboratory >&2; else build_laboratory; fi
  if [ "${words[0]:-}" = plants ]; then
    play_faults plants "${words[@]:1}" | in_root python3 dev.d/faults.py "${show[@]}"
  else
    play_faults run "${words[@]}" | in_root python3 dev.d/faults.py "${show[@]}"
  fi
}

build_laboratory() { build_all release faultlab telltale-faulty; }

# What the engines that it starts say goes to a log; what the laboratory says of a mistake on its line is shown.
play_faults() {  # play_faults run|plants ARGUMENTS...
  local commit status=0
  commit=$(git rev-parse --short HEAD 2>/dev/null || true)
  mkdir -p "$logs"
  TELLTALE_COMMIT=$commit TELLTALE_FAULTY_PROGRAM=$project/$laboratory/telltale-faulty in_root --private-net "$laboratory/faultlab" "$@" 2>"$logs/faultlab.log" || status=$?
  [ $status != 2 ] || cat "$logs/faultlab.log" >&2
  return $status
}

fault_tests() {
  many "faults" "$results/faults.xml" play_and_note
}

play_and_note() { play_faults run | in_root python3 dev.d/faults.py --junit "$results/faults.xml"; }

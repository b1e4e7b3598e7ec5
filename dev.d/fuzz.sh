# Fuzz targets (fuzz/) with libFuzzer, each for a while, under address and undefined-behaviour sanitizers.
# shellcheck shell=bash

fuzz() {  # fuzz [TARGET...] [--for SECONDS[s]] [--markdown]
  local targets=() words=() word
  while [ $# != 0 ]; do
    word=$1
    shift
    case $word in
      --for)
        [[ ${1:-} =~ ^[1-9][0-9]*s?$ ]] || die 2 "--for takes seconds, as 60s; it is '${1:-}'"
        words+=(--for "$1") && shift
        ;;
      --markdown) words+=(--markdown) ;;
      -*) die 2 "unknown option '$word'; there are --for SECONDS and --markdown" ;;
      *)
        [ -e "fuzz/${word}_fuzz.cpp" ] || die 2 "there is no fuzz target '$word'; there are: $(fuzz_targets | paste -sd' ')"
        targets+=("$word")
        ;;
    esac
  done
  [ ${#targets[@]} != 0 ] || mapfile -t targets < <(fuzz_targets)
  prepare fuzz
  one_at_a_time
  [ -e build/fuzz/build.ninja ] || need "cmake --preset fuzz" in_root cmake --preset fuzz
  watched "ninja (fuzz)" in_root ninja -C build/fuzz -j "$(jobs_at_once)" "${targets[@]/%/_fuzz}"
  exec 8>&-
  in_root python3 dev.d/fuzz.py "${words[@]}" "${targets[@]}"
}

fuzz_targets() { find fuzz -name '*_fuzz.cpp' -printf '%f\n' | sed 's/_fuzz\.cpp$//' | sort; }

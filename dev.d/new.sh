# ./dev new KIND NAME: the skeleton of a part. It compiles, its test passes; from there it is changed into what is wanted.
# shellcheck shell=bash

new_part() {  # new_part KIND NAME [--into DIR]: DIR instead of this checkout
  local kind=${1:-} name=${2:-} into=. room type file
  case $kind in
    detector | validator | source | sink) room=${kind}s ;;
    *) die 2 "a part is a detector, validator, source or sink, not '$kind': ./dev new detector NAME" ;;
  esac
  [[ $name =~ ^[a-z][a-z0-9]*(_[a-z0-9]+)*$ ]] || die 2 "'$name' is no name of a part: lower case and underscores, like sigma_band"
  if [ "${3:-}" = --into ]; then into=$4; fi
  ! grep -qE "^part\\($room $name( |\\))" src/parts.cmake || die "src/parts.cmake has a $kind '$name' already"
  [ ! -e "$into/src/$room/$name.cpp" ] || die "src/$room/$name.cpp is there already"

  type=$(sed -E 's/(^|_)([a-z0-9])/\U\2/g' <<<"$name")
  mkdir -p "$into/src/$room"
  for file in .cpp _test.cpp; do
    sed "s/my_$kind/$name/g; s/My${kind^}/$type/g" "dev.d/parts/my_$kind$file" >"$into/src/$room/$name$file"
  done
  echo "part($room $name)" >>"$into/src/parts.cmake"
  printf '%-34s %s\n' "src/$room/$name.cpp" "what it does, and its settings" \
    "src/$room/${name}_test.cpp" "its test: ./dev shell ctest --test-dir build/release -R '$type'" \
    "src/parts.cmake" "one line more"
}

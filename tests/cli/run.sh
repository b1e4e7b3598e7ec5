#!/bin/sh
# Tests of the command line on the built program, end to end: tests/cli/run.sh PROGRAM. Last line: N passed, M failed.
cd "$(dirname -- "$0")/../.." || exit
program=${1:?tests/cli/run.sh PROGRAM}
TELLTALE_PROGRAM=$(realpath -- "$program") exec python3 tests/cli/run_all.py

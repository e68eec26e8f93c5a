#!/usr/bin/env bash
# Installs what the tests need, builds, and runs everything: unit, real-socket, style, browser. Ends with one plain line
# of totals; its exit status is 0 only when nothing failed.
#
#   tests/run.sh                everything
#   tests/run.sh --quick        the inner loop: a dev build and its unit tests
#   tests/run.sh FILTER         of the unit and browser tests, those whose name holds FILTER
#   tests/run.sh --quick FILTER both
#   tests/run.sh --tsan         besides, the unit tests under ThreadSanitizer
#   tests/run.sh --fuzz         every fuzz target for two minutes instead of 7 seconds
#   tests/run.sh --chroot       besides, both commands in a new Debian 12 that has nothing but git (root only)
#   tests/run.sh --containers   besides, the image and docker-compose.yml, with a Docker of its own (root only)
#   tests/run.sh --reproducible besides, two builds of the same sources, compared
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Whatever ends us before the totals are out, even a failed installation, is a failure with a line of its own.
totals_are_out=no
finish() {
  local status=$?
  if [ "$totals_are_out" = no ]; then
    echo "tests/run.sh ended before the tests did (status $status)" >&2
    echo "0 passed, 1 failed"
    exit 1
  fi
  exit "$status"
}
trap finish EXIT

case " $* " in
*" --help "* | *" -h "*)
  sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
  totals_are_out=yes
  exit 0
  ;;
esac

begun=$(date +%s)
. deploy/packages.sh
install_missing "${build_packages[@]}" "${test_packages[@]}"

# The runner prints the totals and dies by no signal without them. It runs in the background so that a signal that
# reaches only this shell is handed on at once.
TESTS_BEGUN=$begun TESTS_JOBS=$(build_jobs) python3 tests/run.py "$@" </dev/null &
runner=$!
trap 'kill -TERM "$runner" 2>/dev/null || true' TERM INT
status=0
while :; do
  wait "$runner" && status=0 || status=$?
  kill -0 "$runner" 2>/dev/null || break
done
# 0 and 1 are the runner's own words, said after the totals.
if [ "$status" -le 1 ]; then totals_are_out=yes; fi
exit "$status"

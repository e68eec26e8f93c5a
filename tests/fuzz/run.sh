#!/usr/bin/env bash
# Runs the fuzz targets of build/asan, as many at once as there are cores, each beginning from its corpus and from what
# it found before. Ends with 1 when one of them finds a fault; the input then stands beside what it found.
#
#   tests/fuzz/run.sh SECONDS [TARGET...]     tests/fuzz/run.sh 3600 http_request_fuzz
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if [ "${1:-}" = --one ]; then
  seconds=$2 name=$(basename "$3")
  found=build/fuzz/found/$name log=build/fuzz/$name.log reports=build/test-results/fuzz
  mkdir -p "$found" "$reports"
  seeds=()
  for folder in "tests/fuzz/corpus/$name" "tests/fuzz/corpus/${name%_fuzz}"; do
    if [ -d "$folder" ]; then seeds+=("$folder"); fi
  done
  status=0
  "$3" -max_total_time="$seconds" -artifact_prefix="$found/" -print_final_stats=1 "$found" "${seeds[@]}" \
    >"$log" 2>&1 || status=$?
  failure=
  if [ "$status" != 0 ]; then
    failure='<failure/>'
    tail -40 "$log"
  fi
  echo "<testsuite><testcase classname=\"fuzz\" name=\"$name\">$failure</testcase></testsuite>" >"$reports/$name.xml"
  echo "$name: status $status, $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs"
  exit "$status"
fi

if [ $# = 0 ]; then
  sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
  exit 2
fi
seconds=$1
shift
targets=(build/asan/tests/*_fuzz)
if [ $# -gt 0 ]; then targets=("${@/#/build/asan/tests/}"); fi
printf '%s\0' "${targets[@]}" | xargs -0 -n 1 -P "${TESTS_JOBS:-$(nproc)}" "$0" --one "$seconds"

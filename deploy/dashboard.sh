#!/usr/bin/env bash
# Builds the dashboard and the SDK into build/dashboard, from where they go into the binary. Does nothing when nothing
# has changed since it last did.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# contents FOLDER...: one hash of all files, by name and content.
contents() {
  find "$@" -name node_modules -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum
}
# unchanged STAMP HASH: whether the stamp holds that hash.
unchanged() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

deploy/node/install.sh

installed=dashboard/node_modules/.weir-installed
locked=$(sha256sum dashboard/package.json dashboard/package-lock.json | sha256sum)
if ! unchanged "$installed" "$locked"; then
  deploy/node/npm.sh --prefix dashboard ci --no-audit --no-fund
  echo "$locked" >"$installed"
fi

built=build/dashboard.built
sources=$(contents dashboard deploy/node)
if ! unchanged "$built" "$sources" || [ ! -f build/dashboard/index.html ]; then
  deploy/node/npm.sh --prefix dashboard run build
  echo "$sources" >"$built"
fi

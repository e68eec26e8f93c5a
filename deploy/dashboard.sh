#!/usr/bin/env bash
# Builds the dashboard and the SDK into build/dashboard, from where they go into the binary. Does nothing when nothing
# has changed since it last did.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# contents FOLDER...: one hash of all files, by name and content.
contents() {
  find "$@" -name node_modules -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum
}
deploy/node/install.sh

# npm writes the hidden lock file when it has installed what the visible one says.
if [ ! dashboard/node_modules/.package-lock.json -nt dashboard/package-lock.json ]; then
  (cd dashboard && ../deploy/node/npm.sh ci --no-audit --no-fund)
fi

built=build/dashboard.built
sources=$(contents dashboard deploy/node)
if [ ! -f build/dashboard/index.html ] || [ "$(cat "$built" 2>/dev/null)" != "$sources" ]; then
  (cd dashboard && ../deploy/node/npm.sh run build)
  echo "$sources" >"$built"
fi

#!/usr/bin/env bash
# npm under our own Node.js: deploy/node/npm.sh ci, in the current folder.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
"$here/install.sh"
node_bin=$(cd "$here/../../build/node/bin" && pwd)
npm_cli=$(readlink -f "$(command -v npm)")
PATH=$node_bin:$PATH exec "$node_bin/node" "$npm_cli" "$@"

#!/usr/bin/env bash
# Proves both commands as a new user meets them: in a new Debian 12 that has nothing but git, from a clone of the last
# commit. Root only. Takes as long as the two commands do, and leaves nothing behind.
#
#   tests/chroot.sh                  deploy/run.sh, a request, its end, deploy/run.sh again, tests/run.sh
#   tests/chroot.sh --base FOLDER    with a debootstrapped Debian that is there already; it is copied
#   tests/chroot.sh --deploy-only    without tests/run.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

base=
deploy_only=no
while [ $# -gt 0 ]; do
  case $1 in
  --base) base=$2 && shift ;;
  --deploy-only) deploy_only=yes ;;
  *) echo "tests/chroot.sh: $1 is unknown" >&2 && exit 2 ;;
  esac
  shift
done
if [ "$(id -u)" != 0 ]; then
  echo "tests/chroot.sh: needs root, for chroot and mounts" >&2
  exit 2
fi

. deploy/packages.sh
work=$(mktemp -d /tmp/weir-chroot-XXXXXX)
root=$work/root
# "${inside[@]}" COMMAND...: as root of the new Debian, with nothing of our environment.
inside=(chroot "$root" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root)

running=
finish() {
  local status=$?
  trap - EXIT
  if [ -n "$running" ]; then kill -TERM "$running" 2>/dev/null && wait "$running" 2>/dev/null || true; fi
  for place in dev/shm dev/pts dev proc sys; do
    if mountpoint -q "$root/$place"; then umount -l "$root/$place"; fi
  done
  # Never follow what is mounted still.
  rm -rf --one-file-system "$work"
  exit "$status"
}
trap finish EXIT
trap 'exit 1' TERM INT

say() { printf '\n== %s (%s s)\n' "$1" "$SECONDS"; }

say "a new Debian"
if [ -n "$base" ]; then
  cp -a "$base" "$root"
else
  install_missing debootstrap
  # Where this machine gets Debian from.
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' |
    awk '$2 == "bookworm" && $3 == "main" { print $1; exit }')
  if [ -z "$mirror" ]; then
    echo "tests/chroot.sh: this machine has no apt source for bookworm main; give a debootstrapped folder with --base" >&2
    exit 1
  fi
  debootstrap --variant=minbase --include=git,ca-certificates bookworm "$root" "$mirror"
fi
# The network as it is here: the same sources, credentials and certificates. They stay in the new folder.
for file in apt/sources.list apt/sources.list.d/debian.sources apt/apt.conf.d apt/auth.conf.d resolv.conf hosts \
  ssl/certs npmrc; do
  if [ ! -e "/etc/$file" ]; then continue; fi
  rm -rf "${root:?}/etc/$file"
  mkdir -p "$root/etc/$(dirname "$file")"
  cp -aL "/etc/$file" "$root/etc/$file"
done
if [ -e "$root/etc/apt/sources.list.d/debian.sources" ]; then rm -f "$root/etc/apt/sources.list"; fi
npm_configuration=$(npm config get userconfig 2>/dev/null || true)
if [ -f "$npm_configuration" ]; then cp "$npm_configuration" "$root/root/.npmrc"; fi
for place in usr/local/share/ca-certificates; do
  if [ -d "/$place" ]; then mkdir -p "$root/$place" && cp -aL "/$place/." "$root/$place/"; fi
done
mount -t proc proc "$root/proc"
mount --bind /sys "$root/sys"
mount --bind /dev "$root/dev"
mkdir -p "$root/dev/shm" "$root/dev/pts"
if ! mountpoint -q "$root/dev/shm"; then mount -t tmpfs shm "$root/dev/shm"; fi

say "a clone of the last commit"
git clone -q --no-local . "$root/opt/weir"
for tool in cmake g++ node npm python3 chromium; do
  if "${inside[@]}" sh -c "command -v $tool" >/dev/null; then echo "it has $tool: not as new as it should be" >&2; fi
done

# serve LOG: deploy/run.sh in the background on free ports, until it says where it listens.
serve() {
  "${inside[@]}" /opt/weir/deploy/run.sh --set http.listen=127.0.0.1:0 \
    --set 'feeds=[{listen: "udp://127.0.0.1:0"}, {host: {}}]' >"$1" 2>&1 </dev/null &
  running=$!
  until grep -q 'is running' "$1"; do
    if ! kill -0 "$running" 2>/dev/null; then
      tail -50 "$1"
      echo "deploy/run.sh ended before it was running" >&2
      exit 1
    fi
    sleep 1
  done
  url=http://$(sed -n 's/^event=listening what=http address=//p' "$1")
}
# expect PATH TEXT: the page holds it.
expect() {
  if ! "${inside[@]}" python3 -c "import sys, urllib.request; sys.exit(sys.argv[2] not in
urllib.request.urlopen(sys.argv[1], timeout=10).read().decode())" "$url$1" "$2"; then
    echo "$url$1 does not show $2" >&2
    exit 1
  fi
}
stop() {
  kill -TERM "$running"
  wait "$running" # its status is ours: a drain ends with 0
  running=
}

say "deploy/run.sh"
serve "$work/first.log"
say "it runs at $url"
expect / '<html'
expect /weir.js export
expect /pages/ WebSocket
expect /metrics weir_build_info
stop
say "deploy/run.sh again"
begun=$SECONDS
serve "$work/second.log"
stop
if [ $((SECONDS - begun)) -gt 15 ]; then
  echo "started again it took $((SECONDS - begun)) s" >&2
  exit 1
fi

if [ "$deploy_only" = no ]; then
  say "tests/run.sh"
  "${inside[@]}" /opt/weir/tests/run.sh </dev/null
fi
say "both commands work on a new Debian"

#!/usr/bin/env bash
# Proves what is said of containers: builds the image with a Docker of its own (Debian's docker.io, on this machine's
# network, with nothing of an installed one), starts the services of docker-compose.yml that can be had, and sees a chart
# move, by the eyes of a subscriber and of Prometheus. Root only. No registry of images is asked: the base image is made by
# debootstrap, and Prometheus' by installing Debian's package.
#
#   tests/containers.sh                  all of it
#   tests/containers.sh --keep FOLDER    keeps Docker's data there, so that the next run builds only what has changed
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

keep=
while [ $# -gt 0 ]; do
  case $1 in
  --keep) keep=$2 && shift ;;
  *) echo "tests/containers.sh: $1 is unknown" >&2 && exit 2 ;;
  esac
  shift
done
if [ "$(id -u)" != 0 ]; then
  echo "tests/containers.sh: needs root, for Docker" >&2
  exit 2
fi

. deploy/packages.sh
install_missing "${container_packages[@]}"
# Short: the path of a socket has 107 bytes.
work=$(mktemp -d /tmp/weir-docker-XXXXXX)
data=${keep:-$work/data}
mkdir -p "$data"
export DOCKER_HOST=unix://$work/docker.sock COMPOSE_PROJECT_NAME=weirtest
compose=(docker-compose --project-directory . --file "$work/compose.yml")
daemon=

say() { printf '\n== %s (%s s)\n' "$1" "$SECONDS"; }
fail() {
  echo "tests/containers.sh: $1" >&2
  exit 1
}
finish() {
  local status=$?
  trap - EXIT
  if [ -n "$daemon" ]; then
    if [ "$status" != 0 ] && [ -f "$work/compose.yml" ]; then "${compose[@]}" logs --tail 30 || true; fi
    if [ -f "$work/compose.yml" ]; then "${compose[@]}" down --volumes --timeout 15 >/dev/null 2>&1; fi || true
    stop_docker
  fi
  # dockerd leaves its network's handle mounted. Never follow what is mounted still.
  awk -v work="$work/" 'index($2, work) == 1 { print $2 }' /proc/mounts | xargs --no-run-if-empty umount --lazy || true
  rm -rf --one-file-system "$work"
  exit "$status"
}
trap finish EXIT
trap 'exit 1' TERM INT

# until_true SECONDS WHAT COMMAND...
until_true() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    if [ "$SECONDS" -gt "$end" ]; then fail "waited in vain: $what"; fi
    sleep 1
  done
}

# docker-compose.yml where Docker makes no networks: all services stand side by side on one, under the same names.
side_by_side() {
  docker-compose --file docker-compose.yml config | /usr/bin/python3 -c '
import sys, yaml
file = yaml.safe_load(sys.stdin)
for service in file["services"].values():
    service.pop("ports", None)
    service.update(network_mode="host", extra_hosts=[name + ":127.0.0.1" for name in file["services"]])
yaml.safe_dump(file, sys.stdout)' >"$work/compose.yml"
}
# start_docker COMMAND...: dockerd, by a command that may give it another network.
start_docker() {
  "$@" dockerd --data-root "$data" --exec-root "$work/exec" --pidfile "$work/docker.pid" --host "$DOCKER_HOST" \
    --iptables=false --bridge=none --storage-driver=overlay2 >"$work/dockerd.log" 2>&1 &
  daemon=$!
  until_true 30 "dockerd" docker_answers
}
docker_answers() {
  kill -0 "$daemon" || { tail -20 "$work/dockerd.log"; fail "dockerd ended"; }
  docker info >/dev/null 2>&1
}
stop_docker() {
  kill -TERM "$daemon" 2>/dev/null && wait "$daemon" 2>/dev/null || true
  daemon=
}

say "a Docker of our own"
start_docker env

if ! docker image inspect debian:bookworm-slim >/dev/null 2>&1; then
  say "the base image"
  # Where this machine gets Debian from, with its sources, credentials and certificates: they stay in this image.
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' |
    awk '$2 == "bookworm" && $3 == "main" { print $1; exit }')
  root=$work/root
  debootstrap --variant=minbase --include=ca-certificates bookworm "$root" "$mirror" >"$work/debootstrap.log"
  for file in apt/sources.list apt/sources.list.d/debian.sources apt/apt.conf.d apt/auth.conf.d ssl/certs npmrc; do
    if [ ! -e "/etc/$file" ]; then continue; fi
    rm -rf "${root:?}/etc/$file"
    mkdir -p "$root/etc/$(dirname "$file")"
    cp -aL "/etc/$file" "$root/etc/$file"
  done
  if [ -e "$root/etc/apt/sources.list.d/debian.sources" ]; then rm -f "$root/etc/apt/sources.list"; fi
  npm_configuration=$(npm config get userconfig 2>/dev/null || true)
  if [ -f "$npm_configuration" ]; then cp "$npm_configuration" "$root/root/.npmrc"; fi
  if [ -d /usr/local/share/ca-certificates ]; then
    mkdir -p "$root/usr/local/share/ca-certificates"
    cp -aL /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/"
  fi
  tar -C "$root" --one-file-system -c . | docker import - debian:bookworm-slim >/dev/null
  rm -rf --one-file-system "$root"
fi

say "the image of deploy/Dockerfile"
docker build --network host --file deploy/Dockerfile --tag weir . >"$work/build.log" 2>&1 ||
  { tail -60 "$work/build.log"; fail "the image cannot be built"; }
docker image inspect --format '{{.Size}}' weir | awk '{ printf "%d MiB\n", $1 / 1048576 }'
[ "$(docker image inspect --format '{{.Config.User}}' weir)" = 10001:10001 ] || fail "it runs as root"

prometheus=$(awk '$1 == "image:" && $2 ~ /prometheus/ { print $2 }' docker-compose.yml)
if ! docker image inspect "$prometheus" >/dev/null 2>&1; then
  say "Prometheus, as $prometheus"
  docker build --network host --tag "$prometheus" - >"$work/prometheus.log" 2>&1 <<'DOCKERFILE' ||
FROM debian:bookworm-slim
RUN apt-get update -q && apt-get install -q -y --no-install-recommends prometheus && install -d -o 65534 -g 65534 /prometheus
USER 65534:65534
ENTRYPOINT ["/usr/bin/prometheus"]
DOCKERFILE
    { tail -30 "$work/prometheus.log"; fail "no image of Prometheus"; }
fi

say "docker-compose up, all but Grafana, on a network of their own"
# A loopback that nobody else has: the ports are those of the file, and nothing of it is seen on this machine.
stop_docker
start_docker unshare --net sh -c 'ip link set lo up && exec "$@"' -
inside=(nsenter --net --target "$daemon")
side_by_side
"${compose[@]}" config --quiet
"${compose[@]}" up -d weir load prometheus

weir=http://127.0.0.1:8080
fetch() { "${inside[@]}" curl --silent --fail --max-time 5 "$@"; }
id=$("${compose[@]}" ps -q weir)
healthy() { [ "$(docker inspect --format '{{.State.Health.Status}}' "$id")" = healthy ]; }
until_true 60 "the health check" healthy
[ "$(docker inspect --format '{{.HostConfig.ReadonlyRootfs}}' "$id")" = true ] || fail "its root can be written"
docker exec "$id" sh -c '! touch /usr/bin/x 2>/dev/null && touch /var/lib/weir/.x && rm /var/lib/weir/.x' ||
  fail "its root can be written, or its state cannot"

say "a chart moves"
count() {
  fetch --get "$weir/api/v1/query" --data-urlencode 'q={"metric":"shop.latency","stats":["count"],"window":"10s"}' |
    sed -n 's/.*"c":\[\[\([0-9]*\).*/\1/p'
}
moves() {
  local now
  now=$(count) && [ -n "$now" ] && [ "$now" != "${first:-}" ] && { if [ -z "${first:-}" ]; then first=$now && false; fi; }
}
until_true 60 "shop.latency" moves
echo "shop.latency was counted $first times in 10 s, then $(count)"
asked() {
  fetch --get http://127.0.0.1:9090/api/v1/query --data-urlencode \
    'query=rate(weir_ingest_samples_total{feed="udp/statsd",result="own"}[15s]) > 0' | grep -q '"result":\[{'
}
until_true 60 "Prometheus to see samples a second" asked

say "it ends in order, and keeps the past"
"${compose[@]}" stop --timeout 20 load weir
[ "$(docker inspect --format '{{.State.ExitCode}}' "$id")" = 0 ] || fail "it ended with another status than 0"
"${compose[@]}" up -d weir
until_true 60 "the health check" healthy
past() {
  fetch --get "$weir/api/v1/query_range" --data-urlencode 'q={"metric":"shop.latency","stats":["count"],"window":"10s"}' \
    --data "start=$(($(date +%s) - 600))000" --data "end=$(date +%s)000" | grep -q '"c":\[\[\[.*[1-9]'
}
until_true 30 "the past" past
say "containers work"

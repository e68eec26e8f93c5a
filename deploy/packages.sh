# What Debian 12 must have, in one place, and how it gets it. Sourced by deploy/run.sh and tests/run.sh.
# shellcheck shell=bash disable=SC2034

# To build and run Weir. CMake looks for GoogleTest whatever is built.
build_packages=(
  ca-certificates cmake g++ ninja-build npm python3
  libabsl-dev libcli11-dev libgtest-dev libre2-dev librocksdb-dev libsimdjson-dev libssl-dev libxxhash-dev libyaml-cpp-dev
  nlohmann-json3-dev prometheus-cpp-dev zlib1g-dev
)
# To make a package of it.
package_packages=(dpkg-dev file)
# To test it.
test_packages=(
  chromium clang clang-format clang-tidy collectd-core curl fish fonts-dejavu-core iproute2 libbenchmark-dev
  libclang-rt-14-dev libseccomp2 mandoc netcat-openbsd nghttp2-client nginx-light openssl procps prometheus python3-statsd
  python3-websockets python3-yaml slowhttptest systemd wrk zsh
  "${package_packages[@]}"
)
# To run it in containers (tests/run.sh --containers).
container_packages=(curl debootstrap docker-compose docker.io iproute2 python3-yaml)

# run_as_root COMMAND...: as it is when we are root, else through sudo.
run_as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "$0: needs root to install packages: run it as root, or install sudo" >&2
    return 1
  fi
}

# install_missing PACKAGE...: installs those that are not there; asks nobody, and nothing of the network when none is
# missing. An npm from another source than Debian's serves as well.
install_missing() {
  local package missing=()
  for package in "$@"; do
    if [ "$package" = npm ] && command -v npm >/dev/null; then continue; fi
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  if [ ${#missing[@]} = 0 ]; then return 0; fi
  echo "Installing ${missing[*]}"
  run_as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q
  run_as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
}

# build_jobs: how many compilers may run at once: one a core, and each needs a gigabyte.
build_jobs() {
  local cores gigabytes
  cores=$(nproc)
  gigabytes=$(awk '/^MemAvailable:/ { print int($2 / 1048576) }' /proc/meminfo)
  if [ "$gigabytes" -lt 1 ]; then gigabytes=1; fi
  echo $((cores < gigabytes ? cores : gigabytes))
}

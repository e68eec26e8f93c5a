#include "ingest/feed/udp_group.h"

#include <sys/socket.h>

#include <algorithm>
#include <string>
#include <utility>

#include "ingest/base/check.h"

namespace ingest::feed {
namespace {

constexpr int kReceiveBufferBytes = 8 * 1024 * 1024;
/// Another program may take a free port between our finding it and binding it.
constexpr int kFreePortTries = 8;

/// The receive buffer's size as the kernel counts it: twice what was asked for.
int wanted_buffer() {
  return 2 * kReceiveBufferBytes;
}

/// Gives the size got, half of the kernel's count.
int widen_receive_buffer(int fd) {
  const int wanted = kReceiveBufferBytes;
  if (::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof wanted) != 0) {
    ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &wanted, sizeof wanted);
  }
  int got = 0;
  socklen_t size = sizeof got;
  ::getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &got, &size);
  return got >= wanted_buffer() ? kReceiveBufferBytes : got / 2;
}

/// All sockets of a group at one port that is known to be free.
Result<std::vector<io::Fd>> bind_all(const io::Address& address, std::size_t count) {
  std::vector<io::Fd> group;
  while (group.size() < count) {
    group.push_back(TRY(io::udp_bind(address, io::PortSharing::Group)));
  }
  return group;
}

Result<std::vector<io::Fd>> bind_group(const io::Address& address, std::size_t count) {
  io::Fd alone = TRY(io::udp_bind(address, io::PortSharing::Alone));
  if (count == 1) {
    std::vector<io::Fd> group;
    group.push_back(std::move(alone));
    return group;
  }
  const io::Address bound = TRY(io::local_address(alone.get()));
  alone.reset();
  return bind_all(bound, count);
}

}  // namespace

Result<std::vector<io::Fd>> open_udp_group(const io::Address& address, std::size_t count,
                                           const io::Logger& log) {
  CHECK(count > 0);
  auto group = bind_group(address, count);
  for (int i = 1; !group && address.port() == 0 && i < kFreePortTries; ++i) {
    group = bind_group(address, count);
  }
  if (!group) return group;
  int least = kReceiveBufferBytes;
  for (const io::Fd& fd : *group)
    least = std::min(least, widen_receive_buffer(fd.get()));
  if (least < kReceiveBufferBytes) {
    log.warn("receive_buffer_clamped",
             {{"address", address.text()},
              {"wanted_bytes", kReceiveBufferBytes},
              {"got_bytes", least},
              {"cure", "sysctl -w net.core.rmem_max=" + std::to_string(kReceiveBufferBytes)}});
  }
  return group;
}

}  // namespace ingest::feed

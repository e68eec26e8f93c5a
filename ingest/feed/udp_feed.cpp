#include "ingest/feed/udp_feed.h"

#include <linux/sock_diag.h>
#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include "ingest/base/check.h"

namespace ingest::feed {
namespace {

constexpr int kReceiveBufferBytes = 8 * 1024 * 1024;
/// Reads of one socket in one turn, so that other events get served under a flood.
constexpr int kReadsPerTurn = 4;
/// How often drops are looked at when nothing arrives.
constexpr Millis kDropsEvery{1'000};
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

DatagramBuffers::DatagramBuffers(std::size_t datagram_bytes_max)
    : datagram_bytes_max_(datagram_bytes_max),
      // NOLINTNEXTLINE(modernize-avoid-c-arrays): not zeroed, so not touched
      memory_(std::make_unique_for_overwrite<char[]>(kDatagramsMax * datagram_bytes_max)) {
  for (std::size_t i = 0; i < kDatagramsMax; ++i) {
    places_[i] = {memory_.get() + i * datagram_bytes_max_, datagram_bytes_max_};
    headers_[i].msg_hdr.msg_iov = &places_[i];
    headers_[i].msg_hdr.msg_iovlen = 1;
  }
}

std::size_t DatagramBuffers::receive(int fd) {
  // The kernel writes msg_len and msg_flags of those it returns; nothing is read of the others.
  const int count = ::recvmmsg(fd, headers_.data(), kDatagramsMax, MSG_DONTWAIT, nullptr);
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

DatagramBuffers::Datagram DatagramBuffers::datagram(std::size_t index) const {
  const mmsghdr& header = headers_[index];
  return {{memory_.get() + index * datagram_bytes_max_, header.msg_len},
          (header.msg_hdr.msg_flags & MSG_TRUNC) != 0};
}

Result<std::unique_ptr<UdpFeed>> UdpFeed::open(Parts parts) {
  const io::Address bound = TRY(io::local_address(parts.fd.get()));
  std::unique_ptr<UdpFeed> feed{new UdpFeed(std::move(parts), bound.text())};
  TRY(feed->loop_.add(feed->fd_.get(), EPOLLIN, *feed));
  feed->watch_drops();
  return feed;
}

UdpFeed::UdpFeed(Parts parts, std::string address)
    : Feed("udp/" + std::string{parts.codec->format()}, std::move(address)),
      loop_(*parts.loop),
      fd_(std::move(parts.fd)),
      codec_(std::move(parts.codec)),
      batch_(*parts.sink),
      buffers_(*parts.buffers) {}

UdpFeed::~UdpFeed() {
  loop_.cancel(drops_timer_);
  if (loop_.watches(fd_.get())) loop_.remove(fd_.get());
}

void UdpFeed::ready(std::uint32_t /*events*/) {
  for (int i = 0; i < kReadsPerTurn; ++i) {
    const std::size_t count = buffers_.receive(fd_.get());
    for (std::size_t d = 0; d < count; ++d)
      take(buffers_.datagram(d));
    batch_.flush();  // the samples look into the buffers, which the next read overwrites
    if (count < DatagramBuffers::kDatagramsMax) break;
  }
  read_drops();
}

void UdpFeed::take(const DatagramBuffers::Datagram& datagram) {
  FeedLedger& ledger = book();
  ++ledger.datagrams.received;
  ledger.bytes += datagram.bytes.size();
  std::string_view lines = datagram.bytes;
  if (datagram.truncated) {
    // The line that the cut went through is lost, the whole ones before it are not.
    lines = lines.substr(0, codec::LineEnds{codec_->line_rule()}.last(lines));
    ++ledger.lines.received;
    ++ledger.lines.cut.truncated;
  }
  codec_->parse(lines, ledger.lines, batch_);
}

void UdpFeed::read_drops() {
  // The socket's own count. Unlike SO_RXQ_OVFL it is also right when no datagram follows the lost
  // ones.
  std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
  socklen_t size = sizeof memory;
  if (::getsockopt(fd_.get(), SOL_SOCKET, SO_MEMINFO, memory.data(), &size) != 0) return;
  const std::uint32_t drops = memory[SK_MEMINFO_DROPS];
  if (drops == drops_seen_) return;
  // 32 bits that wrap around: the difference does not.
  book().datagrams.kernel_dropped += drops - std::exchange(drops_seen_, drops);
}

void UdpFeed::watch_drops() {
  read_drops();
  drops_timer_ = loop_.at(loop_.mono() + kDropsEvery, [this] { watch_drops(); });
}

}  // namespace ingest::feed

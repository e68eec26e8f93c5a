#include "ingest/feed/udp_feed.h"

#include <linux/sock_diag.h>
#include <netinet/udp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

#include "ingest/feed/datagram.h"
#include "ingest/io/socket.h"

namespace ingest::feed {
namespace {

/// What is read of one socket in one turn, so that other events get served under a flood: this, or
/// what TurnShare says.
constexpr std::size_t kReadsPerTurn = 4;
constexpr std::size_t kMessagesPerTurn = kReadsPerTurn * ReceiveRoom::kMessagesMax;
/// How often drops are looked at when nothing arrives.
constexpr Millis kDropsEvery{1'000};

int receive_buffer_bytes(int fd) {
  int got = 0;
  socklen_t size = sizeof got;
  ::getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &got, &size);
  return got;
}

void merge_segments(int fd) {
  // A kernel without it (below 5.0) delivers each datagram by itself, which is as good and dearer.
  const int on = 1;
  ::setsockopt(fd, SOL_UDP, UDP_GRO, &on, sizeof on);
}

}  // namespace

Result<std::unique_ptr<UdpFeed>> UdpFeed::open(Parts parts) {
  const io::Address bound = TRY(io::local_address(parts.fd.get()));
  if (parts.merge == Merge::Yes) merge_segments(parts.fd.get());
  std::unique_ptr<UdpFeed> feed{new UdpFeed(std::move(parts), bound.text())};
  TRY(feed->loop_.add(feed->fd_.get(), EPOLLIN, *feed));
  feed->watch_drops();
  return feed;
}

UdpFeed::UdpFeed(Parts parts, std::string address)
    : Feed(std::move(parts.name), std::move(address)),
      loop_(*parts.home.loop),
      fd_(std::move(parts.fd)),
      codec_(std::move(parts.codec)),
      sink_(*parts.home.sink),
      batch_(sink_),
      room_(*parts.room),
      may_rest_(parts.rest == Rest::WhenThick &&
                receive_buffer_bytes(fd_.get()) >= kRestBufferBytes),
      rests_(static_cast<std::size_t>(receive_buffer_bytes(fd_.get()))) {}

UdpFeed::~UdpFeed() {
  loop_.cancel(rest_timer_);
  loop_.cancel(drops_timer_);
  if (loop_.watches(fd_.get())) loop_.remove(fd_.get());
}

void UdpFeed::ready(std::uint32_t /*events*/) {
  const Drained drained = drain();
  const MonoTime before = std::exchange(woken_, loop_.mono());
  if (rest_timer_ != 0 || !may_rest_ || woken_ - before >= kThick) return;
  if (!drained.all) return;  // no time to rest
  loop_.modify(fd_.get(), 0, *this);
  rest(woken_ + rests_.begin());
}

UdpFeed::Drained UdpFeed::drain() {
  Drained drained;
  std::size_t bytes = 0;
  TurnShare share;
  share.begin(loop_.measure());
  // Much waits, and how large its messages are only a read can tell: the first one asks for few.
  drained.waited_bytes = memory(SK_MEMINFO_RMEM_ALLOC).value_or(0);
  if (drained.waited_bytes > TurnShare::kBytesAtOnce) reach_ = ReadReach{};
  do {
    const std::size_t asked = std::min(reach_.messages(), kMessagesPerTurn - drained.messages);
    const std::size_t count = room_.receive(fd_.get(), ReceiveRoom::Socket::Udp, asked);
    std::size_t largest = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const ReceiveRoom::Message message = room_.message(i);
      bytes += message.bytes.size();
      largest = std::max(largest, message.bytes.size());
      take(message);
    }
    batch_.flush();  // the samples look into the room, which the next read overwrites
    reach_.came(largest);
    drained.messages += count;
    drained.all = count < asked;
  } while (!drained.all && drained.messages < kMessagesPerTurn && bytes < TurnShare::kBytesAtOnce &&
           !share.is_over(loop_.measure()));
  sender_.reset();  // an index holds for a turn
  read_drops();
  return drained;
}

void UdpFeed::take(const ReceiveRoom::Message& message) {
  const IpAddress sender = io::Address::ip_of(*message.sender);
  if (sender_ != sender) {
    sender_ = sender;
    batch_.from(sink_.source_of(sender));
  }
  take_message(message, *codec_, book(), batch_);
}

void UdpFeed::rest(MonoTime until) {
  rest_timer_ = loop_.at(until, [this] { rested(); });
}

void UdpFeed::rested() {
  rest_timer_ = 0;
  const Drained drained = drain();
  if (!drained.all) {
    rest(loop_.mono());  // after what else this thread has to do
  } else if (const auto next = rests_.next({drained.messages, drained.waited_bytes})) {
    rest(loop_.mono() + *next);
  } else {
    loop_.modify(fd_.get(), EPOLLIN, *this);
  }
}

std::optional<std::uint32_t> UdpFeed::memory(std::size_t what) const {
  std::array<std::uint32_t, SK_MEMINFO_VARS> words{};
  socklen_t size = sizeof words;
  if (::getsockopt(fd_.get(), SOL_SOCKET, SO_MEMINFO, words.data(), &size) != 0)
    return std::nullopt;
  return words.at(what);
}

void UdpFeed::read_drops() {
  // The socket's own count. Unlike SO_RXQ_OVFL it is also right when no datagram follows the lost
  // ones.
  const std::uint32_t drops = memory(SK_MEMINFO_DROPS).value_or(drops_seen_);
  if (drops == drops_seen_) return;
  // 32 bits that wrap around: the difference does not.
  book().datagrams.kernel_dropped += drops - std::exchange(drops_seen_, drops);
}

// The socket's count since it was opened, of which the ledger's low half is what was read of it.
// Asked after the ledger, it is never behind that. Any thread: the descriptor stays.
FeedLedger UdpFeed::ledger() const {
  FeedLedger ledger = Feed::ledger();
  const auto read = static_cast<std::uint32_t>(ledger.datagrams.kernel_dropped);
  ledger.datagrams.kernel_dropped += memory(SK_MEMINFO_DROPS).value_or(read) - read;
  return ledger;
}

void UdpFeed::watch_drops() {
  read_drops();
  drops_timer_ = loop_.at(loop_.mono() + kDropsEvery, [this] { watch_drops(); });
}

}  // namespace ingest::feed

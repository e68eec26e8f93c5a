#include "ingest/feed/unix_datagram_feed.h"

#include <sys/epoll.h>

#include <cstddef>
#include <utility>

#include "ingest/feed/datagram.h"

namespace ingest::feed {
namespace {

/// Reads in one turn at most, so that other events get served under a flood.
constexpr int kReadsPerTurn = 16;
/// Of one read. How large the messages are nothing tells before; and few wait
/// (net.unix.max_dgram_qlen is 10), as their senders are held.
constexpr std::size_t kMessagesAtOnce = TurnShare::kBytesAtOnce / ReceiveRoom::kMessageBytesMax;

}  // namespace

Result<std::unique_ptr<UnixDatagramFeed>> UnixDatagramFeed::open(Parts parts) {
  std::unique_ptr<UnixDatagramFeed> feed{new UnixDatagramFeed(std::move(parts))};
  TRY(feed->loop_.add(feed->socket_.fd(), EPOLLIN, *feed));
  return feed;
}

UnixDatagramFeed::UnixDatagramFeed(Parts parts)
    : Feed(std::move(parts.name), std::move(parts.address)),
      loop_(*parts.home.loop),
      socket_(std::move(parts.socket)),
      codec_(std::move(parts.codec)),
      sink_(*parts.home.sink),
      batch_(sink_),
      room_(*parts.room) {}

UnixDatagramFeed::~UnixDatagramFeed() {
  if (loop_.watches(socket_.fd())) loop_.remove(socket_.fd());
}

void UnixDatagramFeed::ready(std::uint32_t /*events*/) {
  batch_.from(sink_.source_of({}));  // who has no address: all senders together
  TurnShare share;
  share.begin(loop_.measure());
  for (int i = 0; i < kReadsPerTurn && !share.is_over(loop_.measure()); ++i) {
    const std::size_t count =
        room_.receive(socket_.fd(), ReceiveRoom::Socket::Unix, kMessagesAtOnce);
    for (std::size_t d = 0; d < count; ++d) {
      take_message(room_.message(d), *codec_, book(), batch_);
    }
    batch_.flush();  // the samples look into the room, which the next read overwrites
    if (count < kMessagesAtOnce) return;
  }
}

}  // namespace ingest::feed

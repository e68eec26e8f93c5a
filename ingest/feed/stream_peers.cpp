#include "ingest/feed/stream_peers.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <span>
#include <utility>
#include <vector>

#include "ingest/base/ip_address.h"
#include "ingest/codec/line_splitter.h"
#include "ingest/codec/lines.h"

namespace ingest::feed {
namespace {

/// Reads of one peer in one turn, also where there is time: others get served too.
constexpr int kReadsPerTurn = 4;
/// How many times in one idle_timeout the peers are looked through.
constexpr int kSweepsPerTimeout = 4;

/// A peer of TCP has a port.
bool is_known(const io::Address& peer) {
  if (peer.family() == AF_UNIX) return true;
  return (peer.family() == AF_INET || peer.family() == AF_INET6) && peer.port() != 0;
}

}  // namespace

/// One connection. Lives in StreamPeers::peers_ under its descriptor.
class StreamPeers::Peer final : public io::FdHandler {
 public:
  Peer(StreamPeers& owner, io::Fd given, std::optional<IpAddress> from)
      : fd(std::move(given)),
        splitter(owner.parts_.codec->line_rule()),
        heard(owner.parts_.home.loop->mono()),
        sender(from),
        owner_(owner) {
    if (owner.parts_.admits) first_line.emplace();
  }
  // Also when the peer has gone, with or without a reset: what it had sent is read first.
  void ready(std::uint32_t /*events*/) override { owner_.ready(fd.get()); }

  io::Fd fd;
  codec::LineSplitter splitter;
  std::optional<std::string> first_line;  // as far as it came, until it has admitted the peer
  Parts::Holds holds;                     // once it is admitted
  MonoTime heard;                         // when bytes came last, of a peer that is admitted
  std::optional<IpAddress> sender;        // none: of a Unix socket
  bool waits = false;                     // stands in StreamPeers::waiting_

 private:
  StreamPeers& owner_;
};

StreamPeers::StreamPeers(Parts parts)
    : Feed(parts.name, parts.address), parts_(std::move(parts)), batch_(*parts_.home.sink) {}

StreamPeers::~StreamPeers() {
  parts_.home.loop->cancel(sweep_timer_);
  parts_.home.loop->cancel(look_timer_);
  for (const auto& [fd, peer] : peers_)
    parts_.home.loop->remove(fd);
}

bool StreamPeers::adopt(io::Fd fd, const io::Address& peer) {
  const int number = fd.get();
  if (peers_.size() >= parts_.peers_max || !is_known(peer)) {
    refused();
    return false;
  }
  const auto sender = peer.family() == AF_UNIX ? std::nullopt : std::optional{peer.ip()};
  auto made = std::make_unique<Peer>(*this, std::move(fd), sender);
  const bool allowed = !sender || parts_.home.sink->allows(*sender);
  if (allowed && is_crowded(*made)) {
    ++book().connections.crowded;
    return false;
  }
  if (!allowed || !parts_.home.loop->add(number, EPOLLIN, *made)) {
    refused();
    return false;
  }
  if (sender) ++by_host_[host_of(*sender)];
  peers_.emplace(number, std::move(made));
  ++book().connections.opened;
  if (sweep_timer_ == 0) sweep();
  if (look_timer_ == 0 && parts_.admits) look();
  return true;
}

bool StreamPeers::is_crowded(const Peer& peer) const {
  if (!peer.sender) return false;
  const auto same = by_host_.find(host_of(*peer.sender));
  return same != by_host_.end() && same->second >= parts_.peers_per_address_max;
}

// Peers are read as they become readable while the feed's share of a turn lasts; who is left comes
// first in the next, so that none starves however many send.
void StreamPeers::ready(int fd) {
  io::EventLoop& loop = *parts_.home.loop;
  if (turn_ != loop.mono()) {
    turn_ = loop.mono();
    share_.begin(loop.measure());
    read_waiting();
  }
  const auto found = peers_.find(fd);
  if (found == peers_.end() || found->second->waits) return;
  if (share_.is_over(loop.measure())) {
    wait(fd);
  } else {
    read(*found->second);
  }
}

/// epoll tells of it again in the next turn: nothing has to wake us.
void StreamPeers::wait(int fd) {
  peers_.at(fd)->waits = true;
  waiting_.push_back(fd);
}

void StreamPeers::read_waiting() {
  while (!waiting_.empty() && !share_.is_over(parts_.home.loop->measure())) {
    Peer& peer = *peers_.at(waiting_.front());
    waiting_.pop_front();
    peer.waits = false;
    read(peer);
  }
}

void StreamPeers::read(Peer& peer) {
  const io::EventLoop& loop = *parts_.home.loop;
  const std::span<char> block = parts_.room->block();
  for (int i = 0; i < kReadsPerTurn && (i == 0 || !share_.is_over(loop.measure())); ++i) {
    const ssize_t got = ::recv(peer.fd.get(), block.data(), block.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
      close(peer, Why::Ended);
      return;
    }
    const std::string_view bytes{block.data(), static_cast<std::size_t>(got)};
    book().bytes += bytes.size();
    const auto lines = admit(peer, bytes);
    if (!lines) {
      close(peer, Why::Denied);
      return;
    }
    // Whoever is not admitted yet keeps no place by sending its first line byte by byte.
    if (!peer.first_line) peer.heard = parts_.home.loop->mono();
    take(peer, *lines);
    if (bytes.size() < block.size()) return;
  }
}

void StreamPeers::take(Peer& peer, std::string_view bytes) {
  FeedLedger& ledger = book();
  batch_.from(parts_.home.sink->source_of(peer.sender.value_or(IpAddress{})));
  const auto parse = [&](std::string_view block) {
    parts_.codec->parse(block, ledger.lines, batch_);
    batch_.flush();
  };
  const auto too_long = [&](std::string_view start) {
    codec::tell_reject(start, {codec::Reject::LineTooLong, start.data()}, batch_);
  };
  peer.splitter.receive(bytes, ledger.lines, parse, too_long);
}

std::optional<std::string_view> StreamPeers::admit(Peer& peer, std::string_view bytes) const {
  if (!peer.first_line) return bytes;
  std::string& line = *peer.first_line;
  const std::size_t end = bytes.find('\n');
  const std::string_view piece = bytes.substr(0, end);
  if (line.size() + piece.size() > kFirstLineBytesMax) return std::nullopt;
  line += piece;
  if (end == std::string_view::npos) return std::string_view{};
  if (line.ends_with('\r')) line.pop_back();
  peer.holds = parts_.admits(line, peer.sender.value_or(IpAddress{}));
  if (!peer.holds) return std::nullopt;
  peer.first_line.reset();
  return bytes.substr(end + 1);
}

void StreamPeers::close(Peer& peer, Why why) {
  FeedLedger& ledger = book();
  peer.splitter.close(ledger.lines);
  ++ledger.connections.closed;
  if (why == Why::Idle) ++ledger.connections.idle;
  if (why == Why::Denied) ++ledger.connections.denied;
  if (why == Why::Revoked) ++ledger.connections.revoked;
  if (peer.sender) {
    const auto same = by_host_.find(host_of(*peer.sender));
    if (--same->second == 0) by_host_.erase(same);
  }
  const int number = peer.fd.get();
  if (peer.waits) std::erase(waiting_, number);
  parts_.home.loop->remove(number);
  peers_.erase(number);  // `peer` is gone
  if (parts_.on_closed) parts_.on_closed();
}

void StreamPeers::sweep() {
  const MonoTime now = parts_.home.loop->mono();
  std::vector<Peer*> idle;
  for (const auto& [fd, peer] : peers_) {
    if (now - peer->heard >= parts_.idle_timeout) idle.push_back(peer.get());
  }
  for (Peer* peer : idle)
    close(*peer, Why::Idle);
  sweep_timer_ = peers_.empty()
                     ? 0
                     : parts_.home.loop->at(now + parts_.idle_timeout / kSweepsPerTimeout,
                                            [this] { sweep(); });
}

/// What let a peer in may have been taken away since.
void StreamPeers::look() {
  std::vector<Peer*> revoked;
  for (const auto& [fd, peer] : peers_) {
    if (peer->holds && !peer->holds()) revoked.push_back(peer.get());
  }
  for (Peer* peer : revoked)
    close(*peer, Why::Revoked);
  io::EventLoop& loop = *parts_.home.loop;
  look_timer_ = peers_.empty() ? 0 : loop.at(loop.mono() + kLookEvery, [this] { look(); });
}

}  // namespace ingest::feed

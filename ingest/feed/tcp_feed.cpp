#include "ingest/feed/tcp_feed.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>
#include <vector>

namespace ingest::feed {
namespace {

/// Connections taken, and reads of one peer, in one turn: others get served too.
constexpr int kAcceptsPerTurn = 64;
constexpr int kReadsPerTurn = 4;
constexpr Millis kPause{100};
/// How many times in one idle_timeout the peers are looked through.
constexpr int kSweepsPerTimeout = 4;

}  // namespace

Result<std::unique_ptr<TcpListener>> TcpListener::open(io::EventLoop& loop, io::Fd listening,
                                                       std::function<void(io::Fd)> accepted) {
  const io::Address address = TRY(io::local_address(listening.get()));
  std::unique_ptr<TcpListener> listener{
      new TcpListener(loop, std::move(listening), address, std::move(accepted))};
  TRY(loop.add(listener->fd_.get(), EPOLLIN, *listener));
  return listener;
}

TcpListener::TcpListener(io::EventLoop& loop, io::Fd listening, const io::Address& address,
                         std::function<void(io::Fd)> accepted)
    : loop_(loop), fd_(std::move(listening)), address_(address), accepted_(std::move(accepted)) {}

TcpListener::~TcpListener() {
  loop_.cancel(resume_);
  if (loop_.watches(fd_.get())) loop_.remove(fd_.get());
}

void TcpListener::ready(std::uint32_t /*events*/) {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    auto accepted = io::accept_from(fd_.get());
    if (accepted) {
      accepted_(std::move(accepted->fd));
      continue;
    }
    switch (accepted.error()) {
      case io::AcceptFault::Nothing:
        return;
      case io::AcceptFault::Again:
        break;
      case io::AcceptFault::NoDescriptors:
        pause();
        return;
    }
  }
}

void TcpListener::pause() {
  // Level-triggered: the connection that we cannot take would wake us without end.
  pauses_.add();
  loop_.modify(fd_.get(), 0, *this);
  resume_ = loop_.at(loop_.mono() + kPause, [this] { loop_.modify(fd_.get(), EPOLLIN, *this); });
}

/// One connection. Lives in TcpPeers::peers_ under its descriptor.
class TcpPeers::Peer final : public io::FdHandler {
 public:
  Peer(TcpPeers& owner, io::Fd given, MonoTime now)
      : fd(std::move(given)),
        splitter(owner.parts_.codec->line_rule()),
        heard(now),
        owner_(owner) {}
  void ready(std::uint32_t /*events*/) override { owner_.read(*this); }

  io::Fd fd;
  codec::LineSplitter splitter;
  MonoTime heard;  // when bytes came last

 private:
  TcpPeers& owner_;
};

TcpPeers::TcpPeers(Parts parts)
    : Feed("tcp/" + std::string{parts.codec->format()}, parts.address),
      parts_(std::move(parts)),
      batch_(*parts_.sink),
      // NOLINTNEXTLINE(modernize-avoid-c-arrays): not zeroed
      buffer_(std::make_unique_for_overwrite<char[]>(kReadBytesMax)) {}

TcpPeers::~TcpPeers() {
  parts_.loop->cancel(sweep_timer_);
  for (const auto& [fd, peer] : peers_)
    parts_.loop->remove(fd);
}

bool TcpPeers::adopt(io::Fd fd) {
  const int number = fd.get();
  if (peers_.size() >= parts_.peers_max) {
    ++book().connections.refused;
    return false;
  }
  auto peer = std::make_unique<Peer>(*this, std::move(fd), parts_.loop->mono());
  if (!parts_.loop->add(number, EPOLLIN, *peer)) {
    ++book().connections.refused;
    return false;
  }
  peers_.emplace(number, std::move(peer));
  ++book().connections.opened;
  if (sweep_timer_ == 0) sweep();
  return true;
}

void TcpPeers::read(Peer& peer) {
  for (int i = 0; i < kReadsPerTurn; ++i) {
    const ssize_t got = ::recv(peer.fd.get(), buffer_.get(), kReadBytesMax, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
      close(peer, Why::Ended);
      return;
    }
    const std::string_view bytes{buffer_.get(), static_cast<std::size_t>(got)};
    FeedLedger& ledger = book();
    ledger.bytes += bytes.size();
    peer.heard = parts_.loop->mono();
    peer.splitter.receive(bytes, ledger.lines, [&](std::string_view block) {
      parts_.codec->parse(block, ledger.lines, batch_);
      batch_.flush();
    });
    if (bytes.size() < kReadBytesMax) return;
  }
}

void TcpPeers::close(Peer& peer, Why why) {
  FeedLedger& ledger = book();
  peer.splitter.close(ledger.lines);
  ++ledger.connections.closed;
  if (why == Why::Idle) ++ledger.connections.idle;
  const int number = peer.fd.get();
  parts_.loop->remove(number);
  peers_.erase(number);  // `peer` is gone
  if (parts_.on_closed) parts_.on_closed();
}

void TcpPeers::sweep() {
  const MonoTime now = parts_.loop->mono();
  std::vector<Peer*> idle;
  for (const auto& [fd, peer] : peers_) {
    if (now - peer->heard >= parts_.idle_timeout) idle.push_back(peer.get());
  }
  for (Peer* peer : idle)
    close(*peer, Why::Idle);
  sweep_timer_ = peers_.empty() ? 0
                                : parts_.loop->at(now + parts_.idle_timeout / kSweepsPerTimeout,
                                                  [this] { sweep(); });
}

}  // namespace ingest::feed

#include "gateway/server/listener.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string_view>
#include <utility>

#include "ingest/base/check.h"
#include "ingest/io/socket.h"

namespace gateway::server {
namespace {

using ingest::Result;
using ingest::io::Fd;

constexpr std::string_view kNoRoom =
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Type: text/plain\r\n"
    "Content-Length: 25\r\nConnection: close\r\n\r\nToo many connections now\n";

Fd open_reserve() {
  return Fd{open("/dev/null", O_RDONLY | O_CLOEXEC)};
}

}  // namespace

class Listener::Socket final : public ingest::io::FdHandler {
 public:
  Socket(Listener& owner, Fd fd, std::string address)
      : owner_(owner), fd_(std::move(fd)), address_(std::move(address)) {}
  void ready(std::uint32_t /*events*/) override { owner_.accept_batch(fd_.get()); }
  int fd() const { return fd_.get(); }
  const std::string& address() const { return address_; }

 private:
  Listener& owner_;
  Fd fd_;
  std::string address_;
};

Listener::Listener() : reserve_(open_reserve()) {}
Listener::~Listener() {
  stop();
}

Result<std::unique_ptr<Listener>> Listener::open(const std::vector<std::string>& addresses) {
  std::unique_ptr<Listener> listener{new Listener};
  for (const std::string& text : addresses) {
    const ingest::io::Address address = TRY(ingest::io::Address::parse(text));
    Fd fd = TRY(ingest::io::tcp_listen(address));
    const ingest::io::Address bound = TRY(ingest::io::local_address(fd.get()));
    listener->sockets_.push_back(std::make_unique<Socket>(*listener, std::move(fd), bound.text()));
  }
  return listener;
}

std::vector<std::string> Listener::addresses() const {
  std::vector<std::string> all;
  for (const auto& socket : sockets_)
    all.push_back(socket->address());
  return all;
}

Result<void> Listener::start(ingest::io::EventLoop& loop, Dealer& dealer) {
  CHECK(loop_ == nullptr);
  loop_ = &loop;
  dealer_ = &dealer;
  for (const auto& socket : sockets_)
    TRY(loop.add(socket->fd(), EPOLLIN, *socket));
  return {};
}

void Listener::stop() {
  if (loop_ != nullptr) {
    resume();
    for (const auto& socket : sockets_)
      if (loop_->watches(socket->fd())) loop_->remove(socket->fd());
    loop_ = nullptr;
  }
  sockets_.clear();
}

void Listener::accept_batch(int listener) {
  for (int i = 0; i < kBatchMax && !paused_; ++i)
    if (accept_one(listener) == Next::Stop) return;
}

Listener::Next Listener::accept_one(int listener) {
  auto accepted = ingest::io::accept_from(listener);
  if (!accepted) {
    switch (accepted.error()) {
      case ingest::io::AcceptFault::Nothing:
        return Next::Stop;
      case ingest::io::AcceptFault::Again:
        counts_.failed.add();
        return Next::GoOn;
      case ingest::io::AcceptFault::NoDescriptors:
        out_of_descriptors(listener);
        return Next::Stop;
    }
  }
  counts_.accepted.add();
  Arrival arrival{.what = Arrival::What::Http, .feed = 0, .fd = std::move(accepted->fd)};
  if (!dealer_->deal(arrival)) {
    counts_.refused_full.add();
    refuse(std::move(arrival.fd));
  }
  return Next::GoOn;
}

/// One try: whoever is refused gets what the socket's buffer takes at once. What the peer has sent
/// is read first where it has come, because closing over unread bytes resets the connection and the
/// answer is lost (RFC 9112 section 9.6).
void Listener::refuse(Fd fd) {
  constexpr int kReadsMax = 16;  // who writes as fast as we read is not waited for
  char unread[4096];
  for (int i = 0; i < kReadsMax; ++i)
    if (recv(fd.get(), unread, sizeof unread, MSG_DONTWAIT) != sizeof unread) break;
  static_cast<void>(send(fd.get(), kNoRoom.data(), kNoRoom.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
  shutdown(fd.get(), SHUT_WR);
}

void Listener::out_of_descriptors(int listener) {
  reserve_.reset();
  if (auto accepted = ingest::io::accept_from(listener)) refuse(std::move(accepted->fd));
  counts_.refused_no_descriptors.add();
  reserve_ = open_reserve();
  pause();
}

/// Level-triggered epoll would report the waiting ones again and again.
void Listener::pause() {
  if (paused_) return;
  paused_ = true;
  for (const auto& socket : sockets_)
    loop_->modify(socket->fd(), 0, *socket);
  pause_timer_ = loop_->at(loop_->mono() + kPause, [this] { resume(); });
}

void Listener::resume() {
  if (!paused_) return;
  paused_ = false;
  loop_->cancel(pause_timer_);
  for (const auto& socket : sockets_)
    loop_->modify(socket->fd(), EPOLLIN, *socket);
}

}  // namespace gateway::server

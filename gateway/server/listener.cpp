#include "gateway/server/listener.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/http/response.h"
#include "ingest/base/check.h"
#include "ingest/io/unix_socket.h"

namespace gateway::server {
namespace {

using ingest::Result;
using ingest::io::Fd;

std::string no_room(ingest::WallTime now) {
  http::Response busy;
  busy.status = 503;
  busy.add("Retry-After", "5").add("Content-Type", "text/plain; charset=utf-8");
  busy.body = std::string_view{"Too many connections now\n"};
  busy.close = true;
  return http::serialize_head(busy, {.now = now}).append(http::body_bytes(busy));
}

Fd open_reserve() {
  return Fd{open("/dev/null", O_RDONLY | O_CLOEXEC)};
}

}  // namespace

class Listener::Socket final : public ingest::io::FdHandler {
 public:
  Socket(Listener& owner, Fd fd, ListenerInfo info)
      : owner_(owner), own_(std::move(fd)), info_(std::move(info)) {}
  Socket(Listener& owner, ingest::io::UnixListener file, ListenerInfo info)
      : owner_(owner), file_(std::move(file)), info_(std::move(info)) {}
  void ready(std::uint32_t /*events*/) override { owner_.accept_batch(*this); }
  int fd() const { return file_ ? file_->fd() : own_.get(); }
  const ListenerInfo& info() const { return info_; }
  Arrival::Wire wire() const { return file_ ? Arrival::Wire::Plain : owner_.options_.wire; }

 private:
  Listener& owner_;
  Fd own_;
  std::optional<ingest::io::UnixListener> file_;  // instead of own_
  ListenerInfo info_;
};

Listener::Listener(const ListenerOptions& options) : options_(options), reserve_(open_reserve()) {}
Listener::~Listener() {
  stop();
}

Result<std::unique_ptr<Listener>> Listener::open(const std::vector<std::string>& addresses,
                                                 const ListenerOptions& options) {
  std::unique_ptr<Listener> listener{new Listener(options)};
  for (const std::string& text : addresses)
    TRY(listener->add(text));
  return listener;
}

Result<void> Listener::add(const std::string& text) {
  constexpr std::string_view kUnix = "unix:";
  if (text.starts_with(kUnix)) {
    auto file = TRY(ingest::io::UnixListener::open(text.substr(kUnix.size()), options_.unix_mode));
    sockets_.push_back(std::make_unique<Socket>(*this, std::move(file),
                                                ListenerInfo{.what = "http", .address = text}));
    return {};
  }
  const ingest::io::Address address = TRY(ingest::io::Address::parse(text));
  Fd fd = TRY(ingest::io::tcp_listen(address));
  const ingest::io::Address bound = TRY(ingest::io::local_address(fd.get()));
  const char* what = options_.wire == Arrival::Wire::Tls ? "https" : "http";
  sockets_.push_back(std::make_unique<Socket>(*this, std::move(fd),
                                              ListenerInfo{.what = what, .address = bound.text()}));
  return {};
}

std::vector<std::string> Listener::addresses() const {
  std::vector<std::string> all;
  for (const auto& socket : sockets_)
    all.push_back(socket->info().address);
  return all;
}

std::vector<ListenerInfo> Listener::infos() const {
  std::vector<ListenerInfo> all;
  for (const auto& socket : sockets_)
    all.push_back(socket->info());
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

void Listener::accept_batch(const Socket& socket) {
  for (int i = 0; i < kBatchMax && !paused_; ++i)
    if (!may_accept() || accept_one(socket) == Next::Stop) return;
}

/// Who comes above limits.handshakes_per_second stands in the kernel's queue meanwhile, so that a
/// fleet that comes back finds those served that are here.
bool Listener::may_accept() {
  if (!handshakes_.is_spent(options_.handshakes_per_second, loop_->mono())) return true;
  counts_.deferred.add();
  pause(std::max(handshakes_.again(), loop_->mono() + kPauseLeast));
  return false;
}

Listener::Next Listener::accept_one(const Socket& socket) {
  auto accepted = ingest::io::accept_from(socket.fd());
  if (accepted) return take(socket, *std::move(accepted));
  switch (accepted.error()) {
    case ingest::io::AcceptFault::Nothing:
      break;
    case ingest::io::AcceptFault::Again:
      counts_.failed.add();
      return Next::GoOn;
    case ingest::io::AcceptFault::NoDescriptors:
      out_of_descriptors(socket);
      break;
  }
  return Next::Stop;
}

/// A proxy of ours is no guest: whom it speaks for is, once it says so.
Listener::Next Listener::take(const Socket& socket, ingest::io::Accepted accepted) {
  counts_.accepted.add();
  handshakes_.spend(1, options_.handshakes_per_second, loop_->mono());
  const Peer peer = Peer::of(accepted.peer);
  const bool trusted = options_.proxies.trusts(peer);
  auto guest = trusted ? Guest{peer} : dealer_->addresses().admit(peer);
  if (!guest) {
    counts_.refused_address.add();
    refuse(socket, std::move(accepted.fd));
    return Next::GoOn;
  }
  const bool proxied = options_.proxies.expects_header(peer);
  Arrival arrival{.what = Arrival::What::Http,
                  .feed = 0,
                  .fd = std::move(accepted.fd),
                  .wire = socket.wire(),
                  .proxied = proxied ? Arrival::Proxied::Yes : Arrival::Proxied::No,
                  .sender = trusted ? Arrival::Sender::Proxy : Arrival::Sender::Anybody,
                  .guest = *std::move(guest)};
  if (dealer_->deal(arrival)) return Next::GoOn;
  counts_.refused_full.add();
  refuse(socket, std::move(arrival.fd));
  return Next::GoOn;
}

/// One try: whoever is refused gets what the socket's buffer takes at once. What the peer has sent
/// is read first where it has come, because closing over unread bytes resets the connection and the
/// answer is lost (RFC 9112 section 9.6).
void Listener::refuse(const Socket& socket, Fd fd) const {
  if (socket.wire() == Arrival::Wire::Tls) return;
  constexpr int kReadsMax = 16;  // who writes as fast as we read is not waited for
  char unread[4096];
  for (int i = 0; i < kReadsMax; ++i)
    if (recv(fd.get(), unread, sizeof unread, MSG_DONTWAIT) != sizeof unread) break;
  const std::string answer = no_room(loop_->wall());
  static_cast<void>(send(fd.get(), answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
  shutdown(fd.get(), SHUT_WR);
}

void Listener::out_of_descriptors(const Socket& socket) {
  reserve_.reset();
  if (auto accepted = ingest::io::accept_from(socket.fd())) {
    refuse(socket, std::move(accepted->fd));
    counts_.refused_no_descriptors.add();
  }
  reserve_ = open_reserve();
  pause(loop_->mono() + kPause);
}

/// Level-triggered epoll would report the waiting ones again and again.
void Listener::pause(ingest::MonoTime until) {
  if (paused_) return;
  paused_ = true;
  for (const auto& socket : sockets_)
    loop_->modify(socket->fd(), 0, *socket);
  pause_timer_ = loop_->at(until, [this] { resume(); });
}

void Listener::resume() {
  if (!paused_) return;
  paused_ = false;
  loop_->cancel(pause_timer_);
  if (!reserve_) reserve_ = open_reserve();  // another thread was quicker the last time
  for (const auto& socket : sockets_)
    loop_->modify(socket->fd(), EPOLLIN, *socket);
}

}  // namespace gateway::server

#include "gateway/ws_client/dialer.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>

#include <cerrno>
#include <utility>

#include "ingest/base/check.h"

namespace gateway::ws_client {
namespace {

using ingest::Error;
using ingest::Failure;
using ingest::io::errno_text;
using ingest::io::Fd;

Fd open_socket(const Endpoint& endpoint) {
  Fd fd{::socket(endpoint.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  const int yes = 1;
  // Small messages leave when they are sent; a Unix socket refuses, which is as good.
  if (fd) ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return fd;
}

int connect_error(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

}  // namespace

void Dialer::dial(std::string name, std::vector<Endpoint> endpoints,
                  std::function<void(Dialed)> dialed) {
  CHECK(!dialed_);
  name_ = std::move(name);
  endpoints_ = std::move(endpoints);
  dialed_ = std::move(dialed);
  next_ = 0;
  faults_.clear();
  // A later turn, so that the caller is never called back from inside its own call.
  timer_ = loop_.at(loop_.mono(), [this] { try_next(); });
}

void Dialer::forget() {
  drop_socket();
  dialed_ = nullptr;
}

void Dialer::drop_socket() {
  loop_.cancel(std::exchange(timer_, 0));
  if (fd_ && loop_.watches(fd_.get())) loop_.remove(fd_.get());
  fd_.reset();
}

void Dialer::try_next() {
  if (next_ == endpoints_.size()) {
    if (endpoints_.empty()) faults_ = "it has no address";
    return tell(Failure{Error{0, "cannot connect to " + name_ + ": " + faults_}});
  }
  const Endpoint& endpoint = endpoints_[next_];
  fd_ = open_socket(endpoint);
  if (!fd_) return failed(errno_text(errno));
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): as the kernel wants it
  const auto* address = reinterpret_cast<const sockaddr*>(&endpoint.storage);
  const int done = ::connect(fd_.get(), address, endpoint.size);
  // A Unix socket whose queue is full says EAGAIN, and is not waited for by epoll.
  if (done != 0 && errno != EINPROGRESS) return failed(errno_text(errno));
  if (!loop_.add(fd_.get(), EPOLLOUT, *this)) return failed("it cannot be watched");
  timer_ = loop_.at(loop_.mono() + each_,
                    [this] { failed("no answer in " + std::to_string(each_.count()) + " ms"); });
}

void Dialer::ready(std::uint32_t /*events*/) {
  const int error = connect_error(fd_.get());
  if (error != 0) return failed(errno_text(error));
  loop_.remove(fd_.get());
  loop_.cancel(std::exchange(timer_, 0));
  tell(std::move(fd_));
}

void Dialer::failed(const std::string& why) {
  drop_socket();
  const Endpoint& endpoint = endpoints_[next_++];
  if (!faults_.empty()) faults_ += ", ";
  if (endpoints_.size() > 1 || endpoint.text != name_) faults_ += endpoint.text + ": ";
  faults_ += why;
  try_next();
}

void Dialer::tell(Dialed dialed) {
  std::exchange(dialed_, nullptr)(std::move(dialed));
}

}  // namespace gateway::ws_client

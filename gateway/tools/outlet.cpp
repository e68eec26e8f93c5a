#include "gateway/tools/outlet.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "ingest/io/unix_socket.h"

namespace gateway::tools {
namespace {

using ingest::Error;
using ingest::Failure;
using ingest::Millis;
using ingest::Result;
using ingest::io::Fd;
using Way = Target::Way;

/// How long a far machine may take to say that nobody listens.
constexpr int kRefusalMs = 50;
/// How long a peer may take to close a stream that it does not want.
constexpr int kNearRefusalMs = 50;
constexpr int kFarRefusalMs = 200;
/// How long a stream's peer may take to close after our end.
constexpr int kCloseMs = 2'000;

std::string why_text(const Target& target, int error) {
  const bool unix_path = !target.path.empty();
  if (error == ECONNREFUSED || (unix_path && error == ENOENT))
    return "nobody listens on " + to_text(target);
  if (error == EAGAIN) return to_text(target) + " takes nothing any more";
  if (error == EMSGSIZE) return "a datagram is too large for " + to_text(target);
  if (error == EPIPE || error == ECONNRESET) return to_text(target) + " has closed the connection";
  return "cannot send to " + to_text(target) + ": " + ingest::io::errno_text(error);
}

Result<Fd> open_unix_datagrams(const Target& target) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (target.path.size() >= sizeof address.sun_path)
    return Failure{Error{ENAMETOOLONG, "the path " + target.path + " is too long for a socket"}};
  std::memcpy(address.sun_path, target.path.data(), target.path.size());
  Fd fd{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): as the system wants it
  const auto* const raw = reinterpret_cast<const sockaddr*>(&address);
  if (!fd || ::connect(fd.get(), raw, sizeof address) != 0)
    return Failure{Error{errno, why_text(target, errno)}};
  return fd;
}

Result<Fd> open_unix_stream(const Target& target) {
  auto fd = ingest::io::unix_connect(target.path);
  if (!fd) return Failure{Error{fd.error().code, why_text(target, fd.error().code)}};
  return fd;
}

Result<Fd> open_internet(const Target& target, const ingest::io::Address& address) {
  auto fd =
      target.way == Way::Udp ? ingest::io::udp_connect(address) : ingest::io::tcp_connect(address);
  if (!fd) return Failure{Error{fd.error().code, why_text(target, fd.error().code)}};
  return fd;
}

void set_patience(int fd) {
  timeval patience{};
  patience.tv_sec = Outlet::kPatience.count() / 1'000;
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

}  // namespace

Result<Outlet> Outlet::connect(const Target& target) {
  if (target.way == Way::Unixgram) return Outlet{TRY(open_unix_datagrams(target)), target, true};
  if (target.way == Way::Unix) return Outlet{TRY(open_unix_stream(target)), target, true};
  const auto address = TRY(address_of(target));
  Outlet outlet{TRY(open_internet(target, address)), target, address.is_loopback()};
  set_patience(outlet.fd());
  return outlet;
}

Result<Outlet> Outlet::open(const Target& target) {
  Outlet outlet = TRY(connect(target));
  if (target.token.empty() || sends_datagrams(target.way)) return outlet;
  outlet.is_watched_ = true;
  TRY(outlet.send("token " + target.token + "\n"));
  return outlet;
}

Error Outlet::fault(int error) const {
  Error fault{error, why_text(target_, error)};
  const bool closed = error == EPIPE || error == ECONNRESET;
  if (closed && !target_.token.empty()) fault.what += "; does it know the token?";
  return fault;
}

bool Outlet::has_closed(int within_ms) const {
  pollfd wanted{.fd = fd_.get(), .events = POLLRDHUP, .revents = 0};
  return ::poll(&wanted, 1, within_ms) > 0;
}

Result<void> Outlet::renew() {
  if (sends_datagrams(target_.way) || !has_closed(0)) return {};
  Outlet again = TRY(open(target_));
  again.is_watched_ = target_.token.empty();  // one with a token has been watched
  *this = std::move(again);
  return {};
}

Result<void> Outlet::send(std::string_view bytes) {
  do {
    const ssize_t count = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    // Of a queue of this machine, which is soon shorter.
    if (count < 0 && errno == ENOBUFS) continue;
    if (count < 0) return Failure{fault(errno)};
    bytes.remove_prefix(static_cast<std::size_t>(count));
  } while (!bytes.empty());
  if (std::exchange(is_watched_, false) && has_closed(is_near_ ? kNearRefusalMs : kFarRefusalMs))
    return Failure{fault(ECONNRESET)};
  return {};
}

Result<void> Outlet::finish() {
  if (target_.way == Way::Unixgram) return {};
  const bool udp = target_.way == Way::Udp;
  if (!udp) ::shutdown(fd_.get(), SHUT_WR);
  const int patience_ms = udp ? (is_near_ ? 0 : kRefusalMs) : kCloseMs;
  pollfd wanted{.fd = fd_.get(), .events = udp ? short{0} : short{POLLIN}, .revents = 0};
  std::array<char, 1'024> ignored{};
  while (::poll(&wanted, 1, patience_ms) > 0) {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return Failure{fault(error)};
    if (udp || ::recv(fd_.get(), ignored.data(), ignored.size(), MSG_DONTWAIT) <= 0) break;
  }
  return {};
}

}  // namespace gateway::tools

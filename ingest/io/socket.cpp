#include "ingest/io/socket.h"

#include <arpa/inet.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

namespace ingest::io {
namespace {

/// As many waiting connections as net.core.somaxconn allows; the kernel cuts it.
constexpr int kBacklog = 4096;

Error bad_address(std::string_view text) {
  return {EINVAL,
          "bad address '" + std::string{text} +
              "'; write it as 127.0.0.1:8125, [::1]:8125 or :8125, with a port of 0 to 65535"};
}

Error socket_error(std::string_view deed, const Address& address, int error) {
  std::string what{deed};
  what += ' ' + address.text() + ": " + errno_text(error);
  if (error == EADDRINUSE) what += "; stop the other program or choose another address";
  if (error == EADDRNOTAVAIL) what += "; this machine has no such address, choose one of its own";
  if (error == EACCES)
    what += "; choose a port above 1023 or give the program CAP_NET_BIND_SERVICE";
  if (error == EAFNOSUPPORT) what += "; this machine has no IPv6, choose an IPv4 address";
  if (error == EMFILE || error == ENFILE) what += "; raise the limit of open files";
  return {error, std::move(what)};
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, port);
  if (fault != std::errc{} || stop != end || text.empty()) return std::nullopt;
  return port;
}

struct HostPort {
  std::string host;
  bool bracketed = false;
  std::uint16_t port = 0;
};

std::optional<HostPort> split(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_port(text.substr(colon + 1));
  if (!port) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  // inet_pton reads to the first NUL: a text with one would mean something else than it says.
  if (host.find('\0') != std::string_view::npos) return std::nullopt;
  return HostPort{std::string{host}, bracketed, *port};
}

bool set_option(int fd, int level, int name, int value) {
  return ::setsockopt(fd, level, name, &value, sizeof value) == 0;
}

Result<Fd> open_bound(const Address& address, int type, int share_option, std::string_view deed) {
  Fd fd{::socket(address.family(), type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!fd) return Failure{socket_error(deed, address, errno)};
  if (share_option != 0 && !set_option(fd.get(), SOL_SOCKET, share_option, 1)) {
    return Failure{socket_error(deed, address, errno)};
  }
  if (address.family() == AF_INET6) set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
  if (::bind(fd.get(), address.data(), address.size()) != 0) {
    return Failure{socket_error(deed, address, errno)};
  }
  return fd;
}

Result<Fd> open_connected(const Address& peer, int type) {
  Fd fd{::socket(peer.family(), type | SOCK_CLOEXEC, 0)};
  if (!fd) return Failure{socket_error("cannot connect to", peer, errno)};
  int done = 0;
  do {
    done = ::connect(fd.get(), peer.data(), peer.size());
  } while (done != 0 && errno == EINTR);
  if (done != 0) return Failure{socket_error("cannot connect to", peer, errno)};
  return fd;
}

AcceptFault accept_fault(int error) {
  switch (error) {
    case EAGAIN:
      return AcceptFault::Nothing;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return AcceptFault::NoDescriptors;
    // accept(2): of a connection that died in the queue, or that a firewall's rule forbids.
    case ECONNABORTED:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case EINTR:
    case ENETDOWN:
    case ENETUNREACH:
    case ENONET:
    case ENOPROTOOPT:
    case EOPNOTSUPP:
    case EPERM:
    case EPROTO:
    case ETIMEDOUT:
      return AcceptFault::Again;
    // Of the listener itself: asking again at once would give the same.
    default:
      return AcceptFault::NoDescriptors;
  }
}

}  // namespace

Address::Address() {
  sockaddr_in any{};
  any.sin_family = AF_INET;
  std::memcpy(&storage_, &any, sizeof any);
}

Result<Address> Address::parse(std::string_view text) {
  const auto parts = split(text);
  if (!parts) return Failure{bad_address(text)};
  Address address;
  if (parts->bracketed) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    if (::inet_pton(AF_INET6, parts->host.c_str(), &v6.sin6_addr) != 1) {
      return Failure{bad_address(text)};
    }
    std::memcpy(&address.storage_, &v6, sizeof v6);
    return address.with_port(parts->port);
  }
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  const std::string host = parts->host == "localhost" ? "127.0.0.1" : parts->host;
  if (!host.empty() && ::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) != 1) {
    return Failure{bad_address(text)};
  }
  std::memcpy(&address.storage_, &v4, sizeof v4);
  return address.with_port(parts->port);
}

Address Address::from(const sockaddr_storage& storage) {
  Address address;
  address.storage_ = storage;
  return address;
}

std::string Address::text() const {
  if (family() == AF_UNIX) return "unix";
  std::array<char, INET6_ADDRSTRLEN> host{};
  if (family() == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &storage_, sizeof v6);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, host.data(), host.size());
    return '[' + std::string{host.data()} + "]:" + std::to_string(port());
  }
  sockaddr_in v4{};
  std::memcpy(&v4, &storage_, sizeof v4);
  ::inet_ntop(AF_INET, &v4.sin_addr, host.data(), host.size());
  return std::string{host.data()} + ':' + std::to_string(port());
}

std::uint16_t Address::port() const {
  // sin_port and sin6_port stand at the same place.
  static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
  sockaddr_in v4{};
  std::memcpy(&v4, &storage_, sizeof v4);
  return ntohs(v4.sin_port);
}

Address Address::with_port(std::uint16_t port) const {
  Address other = *this;
  sockaddr_in v4{};
  std::memcpy(&v4, &other.storage_, sizeof v4);
  v4.sin_port = htons(port);
  std::memcpy(&other.storage_, &v4, sizeof v4);
  return other;
}

bool Address::is_loopback() const {
  if (family() == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &storage_, sizeof v6);
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) return v6.sin6_addr.s6_addr[12] == 127;
    return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
  }
  sockaddr_in v4{};
  std::memcpy(&v4, &storage_, sizeof v4);
  return (ntohl(v4.sin_addr.s_addr) >> 24) == 127;
}

IpAddress Address::ip_of(const sockaddr_storage& storage) {
  IpAddress ip{};
  if (storage.ss_family == AF_INET6) {
    std::memcpy(ip.data(), &reinterpret_cast<const sockaddr_in6&>(storage).sin6_addr, ip.size());
  } else if (storage.ss_family == AF_INET) {
    std::array<std::uint8_t, 4> four{};
    std::memcpy(four.data(), &reinterpret_cast<const sockaddr_in&>(storage).sin_addr, four.size());
    ip = ip_of_v4(four);
  }
  return ip;
}

const sockaddr* Address::data() const {
  return reinterpret_cast<const sockaddr*>(&storage_);
}

socklen_t Address::size() const {
  return family() == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
}

Result<Fd> tcp_listen(const Address& address) {
  constexpr std::string_view kDeed = "cannot listen on";
  Fd fd = TRY(open_bound(address, SOCK_STREAM, SO_REUSEADDR, kDeed));
  if (::listen(fd.get(), kBacklog) != 0) return Failure{socket_error(kDeed, address, errno)};
  return fd;
}

Result<Fd> tcp_connect(const Address& address) {
  return open_connected(address, SOCK_STREAM);
}

Result<Fd> udp_bind(const Address& address, PortSharing sharing) {
  const int option = sharing == PortSharing::Group ? SO_REUSEPORT : 0;
  return open_bound(address, SOCK_DGRAM, option, "cannot listen on");
}

Result<Fd> udp_connect(const Address& peer) {
  return open_connected(peer, SOCK_DGRAM);
}

Result<Accepted, AcceptFault> accept_from(int listener) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  const int fd =
      ::accept4(listener, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return Failure{accept_fault(errno)};
  return Accepted{Fd{fd}, Address::from(peer)};
}

Result<Address> local_address(int fd) {
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size) != 0) {
    return Failure{Error{errno, "cannot ask for a socket's own address: " + errno_text(errno)}};
  }
  return Address::from(own);
}

std::string errno_text(int error) {
  std::string text = std::generic_category().message(error);
  if (!text.empty()) {
    text.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(text.front())));
  }
  return text;
}

}  // namespace ingest::io

#pragma once
// Sockets of the internet: addresses as people write them, and opening. Descriptors made here are
// close-on-exec; what listens or was accepted is also non-blocking. Knows no protocol above TCP and
// UDP and keeps no state. Faults are sentences that say what to do, because most of them meet a
// person at the start.

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "ingest/base/ip_address.h"
#include "ingest/base/result.h"
#include "ingest/io/fd.h"

namespace ingest::io {

/// An IPv4 or IPv6 address with a port. A value; 0.0.0.0:0 until set.
class Address {
 public:
  Address();
  /// "127.0.0.1:8125", "[::1]:80", "localhost:80" (127.0.0.1, no name is looked up), ":80" (every
  /// IPv4 address). The port is 0 to 65535; 0 lets the kernel choose.
  static Result<Address> parse(std::string_view text);
  /// `storage` holds AF_INET or AF_INET6, as the kernel gives it; or AF_UNIX of an accepted peer,
  /// which has no more to tell than its family.
  static Address from(const sockaddr_storage& storage);

  /// The form that parse() reads.
  std::string text() const;
  std::uint16_t port() const;
  Address with_port(std::uint16_t port) const;
  bool is_loopback() const;
  /// Without the port; nobody's for AF_UNIX.
  IpAddress ip() const { return ip_of(storage_); }
  /// The same, of what the kernel wrote.
  static IpAddress ip_of(const sockaddr_storage& storage);

  int family() const { return storage_.ss_family; }
  /// For the kernel; lives as long as this address.
  const sockaddr* data() const;
  socklen_t size() const;

 private:
  sockaddr_storage storage_{};
};

/// Listens with SO_REUSEADDR; [::] also takes IPv4.
Result<Fd> tcp_listen(const Address& address);

/// Connects and waits until it is done; the descriptor blocks. For tests and command-line tools.
Result<Fd> tcp_connect(const Address& address);

enum class PortSharing : std::uint8_t {
  Alone,  // fails when any socket has the port
  Group,  // SO_REUSEPORT: the kernel deals datagrams among the sockets of one user that bind it so
};
Result<Fd> udp_bind(const Address& address, PortSharing sharing);

/// A UDP socket with a fixed peer, for tests and tools; the descriptor blocks.
Result<Fd> udp_connect(const Address& peer);

struct Accepted {
  Fd fd;
  Address peer;
};
enum class AcceptFault : std::uint8_t {
  Nothing,        // nobody waits
  Again,          // that one was gone before we took it: ask again
  NoDescriptors,  // the process or the machine has no more, or an error that is not one
                  // connection's: pause, accepting would spin
};
/// Takes one connection, non-blocking.
Result<Accepted, AcceptFault> accept_from(int listener);

/// Where a socket is bound: says which port 0 became.
Result<Address> local_address(int fd);

/// "address already in use", in small letters, without a final stop.
std::string errno_text(int error);

}  // namespace ingest::io

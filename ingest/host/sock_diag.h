#pragma once
// SockDiag: the kernel's own list of TCP sockets by netlink (man 7 sock_diag), counted by state.
// /proc/net/tcp says the same as text, ten times slower. One list holds IPv4 and IPv6. Never
// blocks; a list that does not end within kChunksMax pieces is given up. One owner, one thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "ingest/base/bytes.h"
#include "ingest/io/fd.h"

namespace ingest::host {

/// Sockets by the kernel's numbers of states (include/net/tcp_states.h): 1 established, 2 syn_sent,
/// 3 syn_received, ..., 11 closing.
using TcpCounts = std::array<std::uint64_t, 12>;

enum class DiagPart {
  More,   // the list goes on in the next piece
  Done,   // it ended
  Fault,  // the kernel refused, or this is no list
};
/// Counts the sockets of one received piece. Pure: no byte outside `piece` is looked at.
DiagPart count_sockets(ByteView piece, TcpCounts& counts);

class SockDiag {
 public:
  static constexpr std::size_t kChunkBytes = std::size_t{32} * 1024;
  static constexpr int kChunksMax = 200;  // some 50,000 sockets

  /// Sockets in any of the states, bit 1 << number. Nothing when this kernel does not tell, or the
  /// list is too long.
  std::optional<TcpCounts> count(std::uint32_t states);

 private:
  bool ask(std::uint32_t states);

  io::Fd socket_;
  std::vector<std::uint8_t> chunk_;
};

}  // namespace ingest::host

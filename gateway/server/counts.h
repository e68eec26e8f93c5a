#pragma once
// Counts: what one worker's connections did and refused. The worker writes, /metrics reads.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "ingest/base/counters.h"

namespace gateway::server {

class Sheet;

/// Why a connection ended or was refused; labels of weir_connections_closed_total.
enum class Ended : std::uint8_t {
  PeerClosed,  // the peer went, in order
  PeerReset,   // reset, or an error of the socket
  Answered,    // `Connection: close`, or the last request of the connection
  BadRequest,  // not HTTP as we accept it
  HeadTimeout,
  IdleTimeout,
  HelloTimeout,  // 4008
  PongTimeout,   // 4103
  Stalled,       // 4104
  Protocol,      // a bad WebSocket frame: 1002, 1003, 1007, 1009
  Refused,       // closed by the subscription protocol: 4000, 4009
  Overloaded,    // 4101: its commands found no room
  CloseTimeout,  // the peer never answered our Close
  Drained,       // SIGTERM
};
constexpr std::size_t kEndedKinds = static_cast<std::size_t>(Ended::Drained) + 1;
std::string_view ended_name(Ended why);

struct Counts {
  static constexpr std::size_t kStatusMax = 600;
  std::array<ingest::Counter, kStatusMax> http_answers;  // by status
  std::array<ingest::Counter, kEndedKinds> ended;
  ingest::Counter upgrades;
  ingest::Counter messages_received;
  ingest::Counter frames_sent;  // shared frames handed to the kernel whole
  ingest::Counter control_sent;
  ingest::Counter bytes_received;
  ingest::Counter bytes_sent;
  ingest::Counter writes;  // sendmsg calls
  ingest::Counter short_writes;
  ingest::Counter heartbeats;
  ingest::Counter commands_refused;  // `err` to a client
  ingest::Counter mail_deferred;     // a command waited for room towards the hub

  void ended_by(Ended why) { ended[static_cast<std::size_t>(why)].add(); }
  void answered(unsigned status) {
    if (status < kStatusMax) http_answers[status].add();
  }
};

/// Writes the sums over all workers.
void write_counts(Sheet& sheet, std::span<const Counts* const> workers);

}  // namespace gateway::server

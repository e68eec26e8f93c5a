#pragma once
// Counts: what one worker's connections did and refused. The worker writes, /metrics reads.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "gateway/publish/refusals.h"
#include "ingest/base/counters.h"
#include "ingest/query/fault.h"

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
  HelloTimeout,    // 4008
  PongTimeout,     // 4103
  MessageTimeout,  // 4103 too: half a message, and not the rest of it
  Stalled,         // 4104
  Protocol,        // a bad WebSocket frame: 1002, 1003, 1007, 1009
  Refused,         // closed by the subscription protocol: 4000, 4009
  Overloaded,      // 4101: its commands found no room
  CloseTimeout,    // the peer never answered our Close
  HandshakeTimeout,
  TlsFailed,     // no TLS, or none that we could agree on
  AddressLimit,  // limits.connections_per_address, behind a proxy
  Drained,       // SIGTERM
};
constexpr std::size_t kEndedKinds = static_cast<std::size_t>(Ended::Drained) + 1;
std::string_view ended_name(Ended why);

/// Why a write was refused as a whole; labels of weir_http_writes_refused_total.
enum class WriteRefused : std::uint8_t {
  Address,      // not in http.writers_allow
  NoToken,      // auth.writers has one, the request none
  BadToken,     // nobody's
  Wish,         // parameters, codings and acks that are not ours
  Damaged,      // no gzip where it says so
  TooBig,       // above limits.body once it is inflated
  NoRoom,       // limits.bodies
  NoRoomOfOne,  // an address's part of it
  NoDisk,       // ack=durable where nothing can be put on disk
  Rate,         // before it had made up for what it wrote, http.writers_rate
};
constexpr std::size_t kWriteRefusedKinds = static_cast<std::size_t>(WriteRefused::Rate) + 1;
std::string_view write_refused_name(WriteRefused why);

/// Codes of refused credentials: AuthRequired to AuthRevoked.
constexpr std::size_t kAuthCodes = 5;

struct Counts {
  static constexpr std::size_t kStatusMax = 600;
  static constexpr std::uint16_t kOurCloses = 4000;
  std::array<ingest::Counter, kStatusMax> http_answers;  // by status
  std::array<ingest::Counter, kEndedKinds> ended;
  ingest::Counter upgrades;
  ingest::Counter event_streams;  // opened
  ingest::Counter messages_received;
  ingest::Counter frames_sent;  // shared frames handed to the kernel whole
  ingest::Counter frames_sent_deflated;
  ingest::Counter deflate_saved_bytes;  // what those would have had more
  ingest::Counter frames_deflated;      // twins made
  ingest::Counter bytes_received;
  ingest::Counter bytes_sent;
  ingest::Counter handshakes;           // TLS, finished
  ingest::Counter handshakes_deferred;  // steps that waited for the next turn
  ingest::Counter writes;               // sendmsg calls
  ingest::Counter short_writes;
  ingest::Counter heartbeats;
  ingest::Counter gaps;    // readers that fell off their channel's ring
  ingest::Counter unseen;  // readers whose frames stopped for want of `seen`
  ingest::Counter commands;
  ingest::Counter commands_deferred;  // times that they waited for limits.commands_per_second
  ingest::Counter output_held;        // frames waited for limits.output_per_second
  ingest::Counter mail_deferred;      // a command waited for room towards the hub
  ingest::Counter questions;          // asked of another thread for a request
  ingest::Counter answers_late;       // of those: 503, the answer did not come in time
  ingest::Counter batches_repeated;   // writes whose Weir-Batch-Id had been taken
  /// `err` to a client, by the slot of its code.
  std::array<ingest::Counter, publish::Refusals::kSlots> commands_refused;
  std::array<ingest::Counter, kWriteRefusedKinds> writes_refused;
  std::array<ingest::Counter, kAuthCodes> auth_refusals;  // requests
  std::array<ingest::Counter, kAuthCodes> auth_closes;    // subscribers

  std::array<ingest::Counter, 16> standard_closes;  // Close frames sent, by code: 1000 to 1015
  std::array<ingest::Counter, 300> our_closes;      // 4000 to 4299

  void closed_with(std::uint16_t code) {
    if (code >= 1000 && code - 1000U < standard_closes.size()) standard_closes[code - 1000U].add();
    if (code >= kOurCloses && code - 4000U < our_closes.size()) our_closes[code - 4000U].add();
  }
  /// A shared frame of `plain_bytes` was begun, as `sent_bytes`: fewer when deflated.
  void frame_sent(std::size_t plain_bytes, std::size_t sent_bytes) {
    frames_sent.add();
    if (sent_bytes == plain_bytes) return;
    frames_sent_deflated.add();
    deflate_saved_bytes.add(plain_bytes - sent_bytes);
  }
  void ended_by(Ended why) { ended[static_cast<std::size_t>(why)].add(); }
  void write_refused(WriteRefused why) { writes_refused[static_cast<std::size_t>(why)].add(); }
  /// `code` is one of auth.*.
  void auth_refused(ingest::query::Code code) {
    const auto first = static_cast<std::size_t>(ingest::query::Code::AuthRequired);
    auth_refusals.at(static_cast<std::size_t>(code) - first).add();
  }
  void follow(const publish::Refusals& refusals) {
    for (std::size_t slot = 0; slot < commands_refused.size(); ++slot)
      commands_refused[slot].add(refusals.at(slot) - commands_refused[slot].get());
  }
  void answered(unsigned status) {
    if (status < kStatusMax) http_answers[status].add();
  }
};

/// Writes the sums over all workers.
void write_counts(Sheet& sheet, std::span<const Counts* const> workers);

}  // namespace gateway::server

#pragma once
// Settings: what every worker serves alike: limits, deadlines, who may ask. Filled in by the wiring
// before the first thread starts, immutable afterwards, read by all workers.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "gateway/auth/authenticator.h"
#include "gateway/publish/subscriptions.h"
#include "gateway/ws/extension.h"
#include "ingest/base/clock.h"

namespace gateway::server {

using ingest::Millis;

/// The named maxima of a connection and of the whole process, each with its configuration default.
struct Limits {
  std::uint64_t connections_max = 20'000;              // of all workers together
  std::uint64_t connections_per_address_max = 10'000;  // loopback and proxies are not counted
  std::uint64_t connections_per_identity_max = 1'000;  // WebSockets and event streams
  std::uint64_t subs_per_identity_max = 10'000;        // of all its connections
  std::uint64_t questions_per_second = 100;            // of one identity or address; 0: no limit
  std::uint64_t token_failures_per_minute = 60;        // of one address; 0: no limit
  std::size_t output_waiting_max = std::size_t{64} << 10;  // bytes; above it requests wait unread
  std::size_t body_max = std::size_t{8} << 20;         // bytes of one request body, inflated or not
  std::size_t bodies_max = std::size_t{64} << 20;      // of all that come in to one worker at once
  std::size_t page_bytes_max = std::size_t{16} << 20;  // bytes of one file under --pages
  std::uint32_t requests_per_connection = 10'000;      // then `Connection: close`
  std::uint32_t fragments_max = 1'000;                 // of one WebSocket message
};

/// Deadlines of a connection, from the event named; each is met within one wheel tick.
struct Deadlines {
  Millis handshake{10'000};   // accept to the end of a PROXY header and of the TLS handshake
  Millis head{10'000};        // first byte (or accept) to the end of a request's head
  Millis body{30'000};        // end of the head to the end of the body
  Millis idle{75'000};        // kept alive without a request
  Millis hello{10'000};       // 101 to the first command
  Millis message{30'000};     // first byte of a message to its last: Close 4103
  Millis silence{10'000};     // nothing written: `hb`
  Millis ping_every{25'000};  // nothing heard: our ping
  Millis pong{20'000};        // our ping to any byte: Close 4103
  Millis answer{30'000};      // a request asked of another thread to its answer: 503
  Millis stalled{30'000};     // output waits and no byte moves: Close 4104
  Millis abort{2'000};        // after 4104: the socket is reset
  Millis close{5'000};        // our Close frame to the peer's
  Millis linger{1'000};       // after the last answer: what still comes is read and dropped
  Millis drain{5'000};        // SIGTERM to the last connection
};

/// One socket that Weir listens on, as it is told to people.
struct ListenerInfo {
  std::string what;     // "http", "udp/statsd"
  std::string address;  // "127.0.0.1:8125"
};

struct Settings {
  std::string version;  // "0.1.0"
  ingest::WallTime started;
  std::vector<std::string> hosts;         // http.hosts, besides loopback and the listen addresses
  std::vector<std::string> origins;       // http.origins, besides the same origin
  std::vector<auth::StaticToken> tokens;  // auth.readers, auth.writers, auth.admins
  enum class MetricsOpen : std::uint8_t { Own, All, None };
  MetricsOpen metrics_open = MetricsOpen::Own;  // metrics.open
  bool metrics_series = false;                  // metrics.series
  std::vector<std::string> writers_allow;       // http.writers_allow, networks; none: every address
  std::vector<std::string> trusted_proxies;     // http.trusted_proxies
  std::vector<ListenerInfo> listeners;
  Millis annotations_kept{86'400'000};  // retention.annotations
  std::string thresholds = "[]";        // JSON: what the overview marks
  std::string pages_dir;                // --pages; empty: /pages/ is not there
  publish::Rules rules;  // epoch, tick, limits of commands; text_bytes_max is a message's limit too
  ws::Compression compression = ws::Compression::Deflate;  // what we agree to
  Limits limits;
  Deadlines deadlines;
};

}  // namespace gateway::server

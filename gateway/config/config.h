#pragma once
// Config: everything that can be configured, typed, with its defaults. A value: what is wrong was
// refused before it came to be. Made by load() (load.h), read by the wiring (gateway/cli).
// What a key is called, allowed and for stands in one table (keys.cpp).

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/exposition/rule.h"
#include "ingest/base/clock.h"

namespace gateway::config {

using ingest::Millis;

/// An address of this machine. `host` is an IPv4 or IPv6 literal without brackets.
struct Address {
  std::string host;
  std::uint16_t port = 0;      // 0: the kernel takes a free one
  std::string unix_path = {};  // instead of both: a Unix socket
  bool operator==(const Address&) const = default;
};
/// "127.0.0.1:8080", "[::1]:8080", "unix:/run/weir.sock".
std::string to_text(const Address& address);

enum class Transport : std::uint8_t { Udp, Tcp, Unixgram, Unix };
/// "udp", "tcp", "unixgram", "unix".
std::string_view transport_name(Transport transport);
constexpr bool is_stream(Transport transport) {
  return transport == Transport::Tcp || transport == Transport::Unix;
}
constexpr bool has_path(Transport transport) {
  return transport == Transport::Unixgram || transport == Transport::Unix;
}
enum class Format : std::uint8_t { Statsd, Influx, Graphite, Json };
enum class SignedGauge : std::uint8_t { Delta, Absolute };
enum class UdpGro : std::uint8_t { Off, On };
enum class Token : std::uint8_t { Off, Required };

/// `- {listen: "udp://127.0.0.1:8125", format: statsd}`
struct SocketFeed {
  Transport transport = Transport::Udp;
  Address address;
  Format format = Format::Statsd;
  SignedGauge signed_gauge = SignedGauge::Delta;  // Statsd only
  UdpGro udp_gro = UdpGro::On;                    // Udp only
  Millis idle_timeout{60'000};                    // Tcp and Unix only
  std::uint64_t connections = 4'096;              // Tcp and Unix only: at each worker
  std::uint64_t connections_per_address = 1'024;  // Tcp only: of those
  Token token = Token::Off;                       // Tcp and Unix only
  std::uint64_t mode = 0660;                      // Unixgram and Unix only: of the socket's file
  std::uint64_t rate = 0;                         // samples a second of each source; 0: no limit
  std::vector<std::string> allow{};               // Udp and Tcp only: networks; empty: everybody
  bool operator==(const SocketFeed&) const = default;
};

/// `- {host: {every: 1s}}`
struct HostFeed {
  Millis every{1'000};
  bool operator==(const HostFeed&) const = default;
};

/// `- {replay: {path: "night.weir", speed: 10}}`
struct ReplayFeed {
  std::string path;                // what weir record wrote, or a file of lines
  std::uint64_t speed = 1;         // times as fast as it was; 0: as fast as possible
  std::uint64_t loop = 1;          // how often
  Format format = Format::Statsd;  // of a file of lines
  bool operator==(const ReplayFeed&) const = default;
};

using Feed = std::variant<SocketFeed, HostFeed, ReplayFeed>;
constexpr std::size_t kFeedsMax = 64;

/// `- {name: ci, hash: "sha256:<64 hex digits>", where: [["env", "=", "prod"]]}`: a static token,
/// by its hash alone.
struct AuthToken {
  std::string name;
  std::string hash;
  std::string where{};  // matchers of a query, as JSON; readers only; empty: sees everything
  bool operator==(const AuthToken&) const = default;
};
constexpr std::size_t kTokensMax = 64;

/// `- {metric: http.latency, stat: p99, warn: 200, crit: 500, above: true}`: what the overview
/// marks; boards have their own.
struct Threshold {
  std::string metric;
  std::string stat;
  std::optional<double> warn{};
  std::optional<double> crit{};
  bool above = true;  // the bad values are above them; else below
  bool operator==(const Threshold&) const = default;
};
constexpr std::size_t kThresholdsMax = 200;

/// What a series takes in limits.memory before any history: its key, its places in the tables of a
/// worker and the hub, and its open panes.
constexpr std::uint64_t kSeriesBytesLeast = 1'024;
/// Of limits.memory one part in so many, at most, is kept for readers: their tables, frames and
/// snapshots.
constexpr std::uint64_t kReadersShare = 4;

enum class ProxyProtocol : std::uint8_t { Off, Required };
enum class Late : std::uint8_t { Drop, Now };
enum class TimeClock : std::uint8_t { Wall, Event };
enum class LogLevel : std::uint8_t { Debug, Info, Warn, Error };
enum class Deflate : std::uint8_t { On, Off };
enum class LogFormat : std::uint8_t { Text, Json };
/// Those that log, as log.rooms calls them; lines without a room are the process' own.
constexpr std::array<std::string_view, 5> kLogRooms{"access", "archive", "boards", "feed",
                                                    "server"};
/// Whether /metrics tells the ingested series.
enum class MetricsSeries : std::uint8_t { On, Off };
/// How timers are told there.
enum class MetricsTimers : std::uint8_t { Summary, Histogram };
/// What the values of timers are: ms are told in seconds, any other as they came.
enum class MetricsTimerUnit : std::uint8_t { Any, Ms };
/// What it shows to who has no token, where readers need one.
enum class MetricsOpen : std::uint8_t { Own, All, None };

/// boards.path: the folder `boards` in archive.path; none without an archive.
constexpr std::string_view kBesideArchive = "auto";

struct Config {
  /// PEM files; the first key is the first certificate's, and so on. Empty: no TLS.
  struct Tls {
    std::vector<std::string> cert;
    std::vector<std::string> key;
    bool operator==(const Tls&) const = default;
  };
  /// Of HTTP and WebSocket connections.
  struct Timeouts {
    Millis head{10'000};
    Millis body{30'000};
    Millis idle{75'000};
    Millis answer{30'000};
    Millis hello{10'000};
    Millis ping{25'000};
    Millis pong{20'000};
    Millis stalled{30'000};
    Millis drain{5'000};
    bool operator==(const Timeouts&) const = default;
  };
  struct Http {
    std::vector<Address> listen{{.host = "127.0.0.1", .port = 8080}};
    std::uint64_t socket_mode = 0660;  // of the files of Unix sockets
    Tls tls;
    std::vector<std::string> hosts;
    std::vector<std::string> origins;
    Deflate deflate = Deflate::On;
    std::vector<std::string> trusted_proxies;
    ProxyProtocol proxy_protocol = ProxyProtocol::Off;
    std::vector<std::string> writers_allow;
    std::uint64_t writers_rate = 0;  // samples a second of each address; 0: no limit
    Timeouts timeouts;
    bool operator==(const Http&) const = default;
  };
  struct Time {
    TimeClock clock = TimeClock::Wall;
    Millis pane{1'000};
    Millis tick{250};
    Millis allowed_lateness{2'000};
    Millis future{10'000};
    Millis source_idle{5'000};
    Late late = Late::Drop;
    bool operator==(const Time&) const = default;
  };
  /// In memory; what stands on disk is the archive's.
  struct Retention {
    Millis panes{600'000};
    Millis ten_seconds{7'200'000};  // roll-ups; 0: none
    Millis minutes{86'400'000};     // roll-ups; 0: none
    Millis annotations{86'400'000};
    bool operator==(const Retention&) const = default;
  };
  struct Publish {
    Millis linger{60'000};
    bool operator==(const Publish&) const = default;
  };
  struct Archive {
    std::string path = "~/.local/state/weir";  // ~ is the home folder; empty: nothing is kept
    Millis checkpoint{1'000};
    std::uint64_t max_bytes = std::uint64_t{10} << 30;
    bool operator==(const Archive&) const = default;
  };
  struct Boards {
    std::string path = std::string{kBesideArchive};  // empty: none are kept
    bool operator==(const Boards&) const = default;
  };
  struct Limits {
    std::uint64_t memory = std::uint64_t{2} << 30;  // bytes
    std::uint64_t series = 200'000;
    std::uint64_t names = 10'000;
    std::uint64_t series_per_name = 100'000;
    std::uint64_t values_per_tag = 100'000;
    std::uint64_t new_series_per_source = 100;  // a second; 0: no limit
    std::uint64_t rows = 10'000;
    std::uint64_t annotations = 2'000;
    std::uint64_t boards = 200;
    std::uint64_t query_cost = 100'000'000;
    std::uint64_t surveys = 256;
    std::uint64_t history_points = 200'000;
    std::uint64_t streams = 1'000;
    std::uint64_t streams_per_identity = 250;
    std::uint64_t subs = 200;
    std::uint64_t connections = 20'000;
    std::uint64_t connections_per_address = 10'000;
    std::uint64_t connections_per_identity = 1'000;
    std::uint64_t subs_per_identity = 10'000;
    std::uint64_t questions_per_second = 100;         // of one identity or address; 0: no limit
    std::uint64_t token_failures_per_minute = 60;     // of one address; 0: no limit
    std::uint64_t body = std::uint64_t{8} << 20;      // bytes
    std::uint64_t bodies = std::uint64_t{64} << 20;   // bytes
    std::uint64_t message = std::uint64_t{64} << 10;  // bytes
    std::uint64_t fragments = 1'000;
    std::uint64_t commands_per_second = 100;                    // of each connection; 0: no limit
    std::uint64_t output_per_second = std::uint64_t{16} << 20;  // bytes, of each connection
    std::uint64_t handshakes_per_second = 5'000;                // 0: no limit
    std::uint64_t requests_per_connection = 10'000;
    std::uint64_t page = std::uint64_t{16} << 20;  // bytes
    std::uint64_t exposed_series = 200'000;
    bool operator==(const Limits&) const = default;
  };
  /// JSON Web Tokens: the file of their issuer's keys; empty: none is taken.
  struct Jwt {
    std::string jwks;
    std::string issuer;    // empty: any
    std::string audience;  // empty: tokens that name one are refused
    bool operator==(const Jwt&) const = default;
  };
  struct Auth {
    std::vector<AuthToken> readers;
    std::vector<AuthToken> writers;
    std::vector<AuthToken> admins;
    Jwt jwt;
    bool operator==(const Auth&) const = default;
  };
  struct Metrics {
    MetricsOpen open = MetricsOpen::Own;
    MetricsSeries series = MetricsSeries::On;
    Millis ttl{0};  // 0: series_ttl
    MetricsTimers timers = MetricsTimers::Summary;
    MetricsTimerUnit timer_unit = MetricsTimerUnit::Any;
    std::vector<double> quantiles{0.5, 0.9, 0.99};
    std::vector<double> buckets{5, 10, 25, 50, 100, 250, 500, 1'000, 2'500, 5'000, 10'000};
    std::vector<exposition::Rule> mapping;
    bool operator==(const Metrics&) const = default;
  };
  struct Log {
    LogLevel level = LogLevel::Info;
    LogFormat format = LogFormat::Text;
    std::vector<std::string> rooms;  // "archive=debug"
    bool operator==(const Log&) const = default;
  };

  Http http;
  std::vector<Feed> feeds = default_feeds();
  std::uint64_t workers = 0;  // 0: auto, cores - 1, at least 1
  Time time;
  Millis series_ttl{600'000};
  Retention retention;
  Publish publish;
  Archive archive;
  Boards boards;
  Limits limits;
  Auth auth;
  Metrics metrics;
  std::vector<Threshold> thresholds;
  Log log;
  bool operator==(const Config&) const = default;

  /// StatsD on UDP and TCP 127.0.0.1:8125, and the host.
  static std::vector<Feed> default_feeds();
};

}  // namespace gateway::config
